import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { pathIn } from './played-root.ts';

/** A unit file of systemd, as far as it is played. */
export interface Unit {
  readonly name: string;
  readonly file: string;
  /** When the file was last changed, in milliseconds. */
  readonly changedAt: number;
  readonly type: 'simple' | 'notify' | 'oneshot';
  readonly start: readonly string[];
  readonly canReload: boolean;
  readonly user: string | undefined;
  readonly directory: string | undefined;
  readonly wantedBy: readonly string[];
}

/** What is known of each section, systemd.unit(5), systemd.service(5), systemd.exec(5). */
const known: Readonly<Record<string, readonly string[]>> = {
  Unit: ['Description', 'After', 'Before', 'Wants', 'Documentation'],
  Service: ['Type', 'ExecStart', 'ExecReload', 'RemainAfterExit', 'User', 'WorkingDirectory'],
  Install: ['WantedBy'],
};

/** The path of a unit's file, the administrator's before the package's; undefined where there is none. */
export function unitFile(root: string, name: string): string | undefined {
  return ['etc/systemd/system', 'usr/lib/systemd/system']
    .map((folder) => join(root, folder, name))
    .find((file) => existsSync(file));
}

/** The unit of that name as its file says it now, or undefined; what is wrong with a file is left to `unitFaults`. */
export function readUnit(root: string, name: string): Unit | undefined {
  const file = unitFile(root, name);
  if (file === undefined) return undefined;
  const said = settingsIn(readFileSync(file, 'utf8'));
  const all = (key: string) => said.filter((one) => one.key === key).map(({ value }) => value);
  const [type] = all('Type');
  const [directory] = all('WorkingDirectory');
  return {
    name,
    file,
    changedAt: statSync(file).mtimeMs,
    type: type === 'notify' || type === 'oneshot' ? type : 'simple',
    start: wordsIn(all('ExecStart')[0] ?? '').map((word) => pathIn(root, word)),
    canReload: all('ExecReload').length > 0,
    user: all('User')[0],
    directory: directory === undefined ? undefined : pathIn(root, directory),
    wantedBy: all('WantedBy').flatMap((value) => value.split(' ')),
  };
}

/** What is wrong with the text of a unit, in the words of `systemd-analyze verify`; empty when all is well. */
export function unitFaults(root: string, path: string): readonly string[] {
  const said = settingsIn(readFileSync(path, 'utf8'));
  const unknown = said
    .filter(({ section, key }) => !known[section]?.includes(key))
    .map(({ section, key, line }) =>
      known[section] === undefined
        ? `${path}:${line}: Unknown section '${section}'. Ignoring.`
        : `${path}:${line}: Unknown key name '${key}' in section '${section}', ignoring.`,
    );
  const start = said.find(({ key }) => key === 'ExecStart');
  if (start === undefined) return [...unknown, `${path}: Service has no ExecStart=. Refusing.`];
  const [program = ''] = wordsIn(start.value);
  if (existsSync(pathIn(root, program))) return unknown;
  return [
    ...unknown,
    `${path}:${start.line}: Command ${program} is not executable: No such file or directory`,
  ];
}

interface Setting {
  readonly section: string;
  readonly key: string;
  readonly value: string;
  readonly line: number;
}

function settingsIn(text: string): readonly Setting[] {
  let section = '';
  return text.split('\n').flatMap((raw, at): Setting[] => {
    const line = raw.trim();
    if (line === '' || line.startsWith('#') || line.startsWith(';')) return [];
    const [, head] = /^\[(.+)\]$/.exec(line) ?? [];
    if (head !== undefined) {
      section = head;
      return [];
    }
    const end = line.includes('=') ? line.indexOf('=') : line.length;
    return [{ section, key: line.slice(0, end), value: line.slice(end + 1).trim(), line: at + 1 }];
  });
}

function wordsIn(line: string): readonly string[] {
  return (line.match(/"[^"]*"|\S+/g) ?? []).map((word) => word.replace(/^"|"$/g, ''));
}
