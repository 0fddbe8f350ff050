import { z } from 'zod';
import { Failure } from '../../errors.ts';
import { hostPlace } from '../ssh/ssh-connection.ts';
import type { Evidence, Host, StepContext } from '../step.ts';
import { takeBackFile } from './file-in-place.ts';
import { KeptFile } from './remote-file.ts';
import { readSettled, systemctl } from './systemd-control.ts';
import { downFault } from './systemd-faults.ts';

/** What was different before a unit was changed; null means that it was not changed. */
export const RememberedService = z.object({
  file: KeptFile.nullable(),
  mask: z.enum(['none', 'persistent', 'runtime']),
  enabled: z.boolean().nullable(),
  active: z.boolean().nullable(),
  existed: z.boolean(),
});
export type RememberedService = z.output<typeof RememberedService>;

/** Takes back what was changed of a unit; throws `not-undone` when its file was changed since, or when the former one does not run. */
export async function takeBackService(
  host: Host,
  { name, limit }: { readonly name: string; readonly limit: number },
  done: RememberedService,
  context: StepContext,
): Promise<readonly Evidence[]> {
  const { file, mask, existed } = done;
  const evidence = [await takeBackFile(host, file, context)];
  const run = async (...words: string[]) => {
    evidence.push(await systemctl(host, words, context, limit));
  };
  const isGone = file !== null && file.kept === null;
  // Both work by the name while systemd still knows the unit, also when its file is gone.
  if (done.enabled === false || (isGone && !existed)) await run('disable', '--', name);
  if (done.active === false || (isGone && !existed)) await run('stop', '--', name);
  if (file !== null) await run('daemon-reload');
  if (mask !== 'none') {
    await run('mask', ...(mask === 'runtime' ? ['--runtime'] : []), '--', name);
    return evidence;
  }
  if (done.enabled === true) await run('enable', '--', name);
  const wasUp = done.active === true || (done.active === null && file !== null && existed);
  if (!wasUp) return evidence;
  const { state: now } = await readSettled(host, name, [], 0, context);
  if (done.active === true || now.active === 'active') await run('restart', '--', name);
  const { earlier, state } = await readSettled(host, name, [], 1_000, context);
  const fault = done.active === true || now.active === 'active' ? downFault(state, earlier) : undefined;
  if (fault === undefined) return evidence;
  throw new Failure(
    'not-undone',
    `The former file and settings of ${name} on ${hostPlace(host)} are back, but it ${fault}; look at journalctl -u ${name} there.`,
  );
}
