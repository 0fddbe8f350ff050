import { text } from 'node:stream/consumers';
import { writeLauncher } from '../launchers.ts';
import { installedPackages, keepOffers, keepPackages } from '../package-state.ts';
import { basePrograms, offers, unpack } from '../packages.ts';
import { rootOfHost } from '../program.ts';
import { startEnabled, stopAll } from '../systemd.ts';

/**
 * Boots a played host: puts its programs in place, since Node and the rehearsal may lie elsewhere than the last time, ends what a
 * killed rehearsal has left, starts what is enabled, and says so. Ends everything when its input ends, however that comes about.
 */
const root = rootOfHost();
await stopAll(root);
for (const name of basePrograms) writeLauncher(root, name);
keepOffers(root, Object.fromEntries(Object.entries(offers).map(([name, { version }]) => [name, version])));
keepPackages(root, installedPackages(root));
for (const name of Object.keys(installedPackages(root))) unpack(root, name);
for (const fault of await startEnabled(root)) process.stderr.write(`${fault}\n`);
process.stdout.write('booted\n');
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {});
await text(process.stdin);
await stopAll(root);
