/**
 * Writes what the emulator's page cannot draw the way Slack would show it: dates in UTC, and code without links. The content
 * was checked before; this is for people who look at the page. Source: the page of local-slack 0.1.8.
 */
export function drawable(body: Buffer, contentType: string | undefined): Buffer {
  const text = body.toString('utf8');
  if (contentType?.startsWith('application/json')) return Buffer.from(inJson(text));
  if (!contentType?.startsWith('application/x-www-form-urlencoded')) return body;
  const form = new URLSearchParams(text);
  for (const [name, value] of [...form]) {
    if (name === 'text') form.set(name, drawn(value));
    if (name === 'blocks' || name === 'view') form.set(name, inJson(value));
  }
  return Buffer.from(form.toString());
}

function inJson(text: string): string {
  return JSON.stringify(JSON.parse(text, (_, value) => (typeof value === 'string' ? drawn(value) : value)));
}

function drawn(text: string): string {
  return text
    .replace(/<!date\^[^|<>]*\|([^<>]*)>/g, '$1')
    .replace(/```\n?([\s\S]*?)\n?```/g, (_, code: string) =>
      code
        .split('\n')
        .map((line) => (line.trim() === '' ? '' : `\`${line}\``))
        .join('\n'),
    )
    .replace(/`[^`\n]+`/g, unlinked);
}

/** The page makes a link of an address after a space; a word joiner, which has no width, keeps it from that. */
function unlinked(code: string): string {
  return code.replace(/(?<=\s)(?=https?:)/g, '\u2060');
}
