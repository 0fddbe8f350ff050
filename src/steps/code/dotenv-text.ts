/**
 * Why a value cannot be written so that systemd and python-dotenv read the same, as words that follow the key; undefined when it
 * can. systemd takes double-quoted text with backslashes before `"`, `\`, `$` and the backquote (systemd.exec(5), EnvironmentFile=);
 * python-dotenv knows more escapes, replaces `${NAME}` within any quotes and takes a backslash before the closing quote for an escape
 * (https://saurabh-kumar.com/python-dotenv/#file-format).
 */
export function unwritable(value: string): string | undefined {
  if (value.includes('${')) return 'holds ${, which python-dotenv would replace';
  if (value.endsWith('\\')) return 'ends with a backslash, which python-dotenv and systemd read differently';
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for.
  if (/[\u0000-\u0008\u000b-\u001f\u007f]/.test(value)) return 'holds a control character';
  return value.isWellFormed() ? undefined : 'is not Unicode text';
}

/** The text of an environment file: each value in double quotes, in which both readers see backslashes and quotes alike. */
export function dotenvText(values: Readonly<Record<string, string>>): string {
  const lines = Object.entries(values).map(
    ([key, value]) => `${key}="${value.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"\n`,
  );
  return lines.join('');
}

/** The values of an environment file as systemd reads them (`load_env_file` in systemd's basic/env-file.c), last one first come. */
export function dotenvValues(text: string): Readonly<Record<string, string>> {
  const values: Record<string, string> = {};
  let at = 0;
  while (at < text.length) {
    const line = /[^\n]*/y;
    line.lastIndex = at;
    const start = line.exec(text)?.[0] ?? '';
    const [whole = '', key = ''] = /^\s*([A-Za-z_][A-Za-z0-9_]*)[^\S\n]*=[^\S\n]*/.exec(start) ?? [];
    if (key === '') {
      at += start.length + 1;
      continue;
    }
    const read = readValue(text, at + whole.length);
    values[key] = read.value;
    at = read.end;
  }
  return values;
}

function readValue(text: string, from: number): { value: string; end: number } {
  let value = '';
  let at = from;
  let quote = '';
  let bare = 0;
  for (; at < text.length; at += 1) {
    const sign = text[at] ?? '';
    const next = text[at + 1] ?? '';
    if (quote === '' && sign === '\n') break;
    if (sign === '\\' && quote !== "'") {
      at += 1;
      if (next === '\n') continue;
      value += quote === '"' && !'"\\`$'.includes(next) ? sign + next : next;
      bare = value.length;
    } else if (quote === '' && (sign === '"' || sign === "'") && value === '') quote = sign;
    else if (sign === quote) quote = '';
    else {
      value += sign;
      if (quote !== '' || /\S/.test(sign)) bare = value.length;
    }
  }
  return { value: value.slice(0, bare), end: at + 1 };
}
