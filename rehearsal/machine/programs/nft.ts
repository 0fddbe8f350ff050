import { existsSync, readFileSync } from 'node:fs';
import { Refused, rulesetAsJson, type Table, tablesAfter, writtenTable } from '../firewall-text.ts';
import { pathIn, stateIn } from '../played-root.ts';
import { type Ending, NotPlayed, rootOfHost, runProgram, writeWhole } from '../program.ts';

const root = rootOfHost();
const loaded = stateIn(root, 'ruleset.nft');

/** nft(8): lists what is loaded, tests a file, and loads one; what a kernel would hold is kept in a file of the host. */
await runProgram('nft', (words) => {
  const tables = existsSync(loaded) ? tablesAfter([], readFileSync(loaded, 'utf8')) : [];
  const [said, file = ''] = [words.join(' '), words.at(-1)];
  if (said === '-j list ruleset') return { out: `${JSON.stringify(rulesetAsJson(tables))}\n` };
  const [, family, name] = /^-s list table (\S+) (\S+)$/.exec(said) ?? [];
  if (family !== undefined) return listed(tables.find((one) => one.family === family && one.name === name));
  const isTest = words[0] === '-c';
  if (words.slice(isTest ? 1 : 0, -1).join(' ') !== '-f') throw new NotPlayed('these words');
  try {
    const after = tablesAfter(tables, textOf(file));
    if (!isTest) writeWhole(loaded, after.map(writtenTable).join(''));
    return {};
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    return { code: 1, error: `${file}: ${error.message}` };
  }
});

function listed(table: Table | undefined): Ending {
  return table ? { out: writtenTable(table) } : { code: 1, error: 'Error: No such file or directory' };
}

/** The text of a file with those that it includes. */
function textOf(file: string): string {
  const path = pathIn(root, file);
  if (!existsSync(path)) throw new Refused('Error: Could not open file: No such file or directory');
  return readFileSync(path, 'utf8').replace(/^\s*include\s+"([^"*]+)"\s*$/gm, (_, one: string) =>
    textOf(one),
  );
}
