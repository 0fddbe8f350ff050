/** One WebSocket frame: its bytes as they came, and its text when it is a whole text message. */
export type Frame = { readonly raw: Buffer; readonly text: string | undefined };

/**
 * Cuts a stream of bytes into WebSocket frames, unmasking a client's text; compression must not have been agreed on.
 * Source: RFC 6455, section 5.2.
 */
export function frameReader(): (chunk: Buffer) => Frame[] {
  let pending: Buffer = Buffer.alloc(0);
  return (chunk) => {
    pending = pending.length === 0 ? chunk : Buffer.concat([pending, chunk]);
    const frames: Frame[] = [];
    for (
      let size = frameSize(pending);
      size !== undefined && pending.length >= size;
      size = frameSize(pending)
    ) {
      frames.push({ raw: pending.subarray(0, size), text: textOf(pending.subarray(0, size)) });
      pending = pending.subarray(size);
    }
    return frames;
  };
}

type Header = { readonly payloadAt: number; readonly payload: number };

function frameSize(bytes: Buffer): number | undefined {
  const header = headerOf(bytes);
  return header === undefined ? undefined : header.payloadAt + header.payload;
}

function headerOf(bytes: Buffer): Header | undefined {
  if (bytes.length < 2) return undefined;
  const second = bytes.readUInt8(1);
  const mask = (second & 0x80) === 0 ? 0 : 4;
  const short = second & 0x7f;
  if (short < 126) return { payloadAt: 2 + mask, payload: short };
  const extended = short === 126 ? 2 : 8;
  if (bytes.length < 2 + extended) return undefined;
  const payload = short === 126 ? bytes.readUInt16BE(2) : Number(bytes.readBigUInt64BE(2));
  return { payloadAt: 2 + extended + mask, payload };
}

function textOf(frame: Buffer): string | undefined {
  const isWholeText = frame.readUInt8(0) === 0x81;
  const header = headerOf(frame);
  if (!isWholeText || header === undefined) return undefined;
  const payload = frame.subarray(header.payloadAt);
  if ((frame.readUInt8(1) & 0x80) === 0) return payload.toString('utf8');
  const mask = frame.subarray(header.payloadAt - 4, header.payloadAt);
  return Buffer.from(payload.map((byte, index) => byte ^ mask.readUInt8(index % 4))).toString('utf8');
}

/** A whole text as a server sends it: one frame without a mask. */
export function textFrame(text: string): Buffer {
  const payload = Buffer.from(text, 'utf8');
  const long = payload.length > 65_535;
  const header = Buffer.alloc(payload.length < 126 ? 2 : long ? 10 : 4);
  header.writeUInt8(0x81, 0);
  header.writeUInt8(payload.length < 126 ? payload.length : long ? 127 : 126, 1);
  if (long) header.writeBigUInt64BE(BigInt(payload.length), 2);
  else if (payload.length >= 126) header.writeUInt16BE(payload.length, 2);
  return Buffer.concat([header, payload]);
}
