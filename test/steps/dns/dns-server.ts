import { createSocket } from 'node:dgram';
import { once } from 'node:events';

/** What a name has, by type; `null` means that its name server fails. */
export type Zone = Readonly<
  Record<string, Readonly<Partial<Record<'A' | 'AAAA' | 'CNAME', readonly string[]>>> | null>
>;

export interface DnsServer {
  /** `address:port` */
  readonly address: string;
  readonly close: () => Promise<void>;
}

const types = { 1: 'A', 5: 'CNAME', 28: 'AAAA' } as const;

/** A name server on loopback that answers over UDP, RFC 1035 section 4; without a zone it hears everything and says nothing. */
export async function startDnsServer(zone?: Zone): Promise<DnsServer> {
  const socket = createSocket('udp4');
  socket.on('message', (question, from) => {
    if (zone) socket.send(answerTo(question, zone), from.port, from.address);
  });
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  return {
    address: `127.0.0.1:${socket.address().port}`,
    close: () => new Promise((settle) => socket.close(() => settle())),
  };
}

function answerTo(question: Buffer, zone: Zone): Buffer {
  const labels: string[] = [];
  let at = 12;
  while (question.readUInt8(at) !== 0) {
    labels.push(question.toString('latin1', at + 1, at + 1 + question.readUInt8(at)));
    at += 1 + question.readUInt8(at);
  }
  const asked = question.subarray(12, at + 5);
  const number = question.readUInt16BE(at + 1);
  const records = zone[labels.join('.').toLowerCase()];
  const type = number === 1 || number === 5 || number === 28 ? types[number] : 'A';
  const values = records?.[type] ?? [];
  const header = Buffer.alloc(12);
  question.copy(header, 0, 0, 2);
  const failed = records === null ? 2 : records === undefined ? 3 : 0;
  header.writeUInt16BE(0x8580 | failed, 2);
  header.writeUInt16BE(1, 4);
  header.writeUInt16BE(values.length, 6);
  return Buffer.concat([header, asked, ...values.map((value) => record(number, value))]);
}

function record(type: number, value: string): Buffer {
  const data =
    type === 1 ? Buffer.from(value.split('.').map(Number)) : type === 28 ? addressOf(value) : nameOf(value);
  // The name is the question's, which stands at offset 12.
  const head = Buffer.from([0xc0, 0x0c, 0, type, 0, 1, 0, 0, 0, 60, 0, data.length]);
  return Buffer.concat([head, data]);
}

function nameOf(name: string): Buffer {
  const labels = name.split('.').map((label) => Buffer.from([label.length, ...Buffer.from(label)]));
  return Buffer.concat([...labels, Buffer.from([0])]);
}

/** Only addresses with one `::` in them. */
function addressOf(value: string): Buffer {
  const [head = '', tail = ''] = value.split('::');
  const groups = (text: string) =>
    text === '' ? [] : text.split(':').map((group) => Number.parseInt(group, 16));
  const zeros = new Array<number>(8 - groups(head).length - groups(tail).length).fill(0);
  const buffer = Buffer.alloc(16);
  for (const [index, group] of [...groups(head), ...zeros, ...groups(tail)].entries())
    buffer.writeUInt16BE(group, index * 2);
  return buffer;
}
