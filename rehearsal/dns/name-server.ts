import { createSocket } from 'node:dgram';
import { once } from 'node:events';

/** A name server that knows the IPv4 addresses of some names and of no other. */
export interface NameServer {
  /** Host and port. */
  readonly address: string;
  readonly stop: () => Promise<void>;
}

/**
 * Starts a name server on loopback, at that port where it is free, that answers questions for A records (RFC 1035); any other name
 * does not exist. What the record of names holds at the moment is what is told.
 */
export async function startNameServer(
  names: Readonly<Record<string, string>>,
  port = 0,
): Promise<NameServer> {
  const socket = createSocket('udp4');
  socket.on('message', (question, { address, port }) =>
    socket.send(answerTo(question, names), port, address),
  );
  const bound = async (wanted: number): Promise<unknown> => {
    socket.bind(wanted, '127.0.0.1');
    return once(socket, 'listening');
  };
  await bound(port).catch((error: unknown) => {
    if (port === 0) throw error;
    return bound(0);
  });
  return {
    address: `127.0.0.1:${socket.address().port}`,
    stop: async () => {
      const closed = once(socket, 'close');
      socket.close();
      await closed;
    },
  };
}

const headerLength = 12;
const typeA = 1;

function answerTo(question: Buffer, names: Readonly<Record<string, string>>): Buffer {
  const labels: string[] = [];
  let at = headerLength;
  for (let length = question[at] ?? 0; length > 0; length = question[at] ?? 0) {
    labels.push(question.toString('latin1', at + 1, at + 1 + length));
    at += 1 + length;
  }
  const end = at + 5;
  const known = names[labels.join('.').toLowerCase()];
  const isAsked = question.readUInt16BE(at + 1) === typeA && known !== undefined;
  const header = Buffer.alloc(headerLength);
  question.copy(header, 0, 0, 2);
  // An authoritative answer; NXDOMAIN for a name that is not known.
  header.writeUInt16BE(known === undefined ? 0x8583 : 0x8580, 2);
  header.writeUInt16BE(1, 4);
  header.writeUInt16BE(isAsked ? 1 : 0, 6);
  const asked = question.subarray(headerLength, end);
  if (!isAsked) return Buffer.concat([header, asked]);
  // The name by a pointer to the question, then type, class, a minute to live, and four bytes of address.
  const record = Buffer.from([
    0xc0,
    headerLength,
    0,
    typeA,
    0,
    1,
    0,
    0,
    0,
    60,
    0,
    4,
    ...known.split('.').map(Number),
  ]);
  return Buffer.concat([header, asked, record]);
}
