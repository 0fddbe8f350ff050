/** A JSON value that came as bytes, or one sentence about why it is none. */
export type Json =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly because: string };

/** What Alertmanager sends is five deep; millions of brackets would cost gigabytes. */
const deepest = 100;

/** Reads UTF-8 JSON; what is nested more than a hundred deep is refused unread. */
export function readJson(bytes: Uint8Array): Json {
  if (bytes.length === 0) return { ok: false, because: 'The body is empty.' };
  if (isDeep(bytes)) return { ok: false, because: `The body is nested more than ${deepest} deep.` };
  try {
    return { ok: true, value: JSON.parse(new TextDecoder().decode(bytes)) };
  } catch (error) {
    if (error instanceof SyntaxError) return { ok: false, because: 'The body is not JSON.' };
    throw error;
  }
}

const [quote, backslash, bracket, brace] = [0x22, 0x5c, 0x5b, 0x7b];
const [closingBracket, closingBrace] = [0x5d, 0x7d];

function isDeep(bytes: Uint8Array): boolean {
  let depth = 0;
  let inText = false;
  for (let at = 0; at < bytes.length; at += 1) {
    const byte = bytes[at] ?? 0;
    if (byte === quote) inText = !inText;
    else if (inText) at += byte === backslash ? 1 : 0;
    else if (byte === bracket || byte === brace) depth += 1;
    else if (byte === closingBracket || byte === closingBrace) depth -= 1;
    if (depth > deepest) return true;
  }
  return false;
}
