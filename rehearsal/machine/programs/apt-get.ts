import { installedPackages, keepPackages } from '../package-state.ts';
import { offers, takeAway, unpack } from '../packages.ts';
import { type Ending, NotPlayed, rootOfHost, runProgram, wordsOf } from '../program.ts';
import { setEnabled, startUnit, stopUnit } from '../systemd.ts';
import { readUnit } from '../units.ts';

const root = rootOfHost();

/** apt-get(8): `update`, `install` and `remove` of what the sources offer; what a package starts is enabled and started, as on Debian. */
await runProgram('apt-get', async (all) => {
  const words = wordsOf(all, { flags: ['-y', '-q', '--no-install-recommends'], options: ['-o'] });
  const [verb, ...names] = words.others;
  if (verb === 'update' && names.length === 0) return { out: 'Reading package lists...\n' };
  if (verb === 'install' && names.length > 0) return install(names.map((name) => name.split('=', 2)));
  if (verb === 'remove' && names.length > 0) return remove(names);
  throw new NotPlayed('anything but update, install and remove');
});

async function install(wanted: readonly (readonly string[])[]): Promise<Ending> {
  const missing = wanted.find(
    ([name = '', version]) => (version ?? offers[name]?.version) !== offers[name]?.version,
  );
  const unknown = missing ?? wanted.find(([name = '']) => !offers[name]);
  if (unknown) return { code: 100, error: `E: Unable to locate package ${unknown.join('=')}` };
  const before = installedPackages(root);
  const out = ['Reading package lists...'];
  for (const [name = ''] of wanted) {
    const offered = offers[name];
    if (!offered || before[name] !== undefined) continue;
    unpack(root, name);
    keepPackages(root, { ...installedPackages(root), [name]: offered.version });
    out.push(`Setting up ${name} (${offered.version}) ...`);
    const unit = offered.starts === undefined ? undefined : readUnit(root, offered.starts);
    if (!unit) continue;
    setEnabled(root, unit, true);
    await startUnit(root, unit);
  }
  return { out: `${out.join('\n')}\n` };
}

async function remove(names: readonly string[]): Promise<Ending> {
  for (const name of names) {
    const starts = offers[name]?.starts;
    const unit = starts === undefined ? undefined : readUnit(root, starts);
    if (unit) {
      await stopUnit(root, unit.name);
      setEnabled(root, unit, false);
    }
    takeAway(root, name);
    const { [name]: _gone, ...left } = installedPackages(root);
    keepPackages(root, left);
  }
  return { out: `${names.map((name) => `Removing ${name} ...`).join('\n')}\n` };
}
