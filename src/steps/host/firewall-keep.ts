import { z } from 'zod';
import { Failure } from '../../errors.ts';
import { hostPlace } from '../ssh/ssh-connection.ts';
import { runOn } from '../ssh/ssh-run.ts';
import type { Evidence, Host, StepContext } from '../step.ts';
import { lookAtFile, putFile, takeBackFile } from './file-in-place.ts';
import { KeptFile, readRemoteFile, writeRemoteFile } from './remote-file.ts';
import { systemctl } from './systemd-control.ts';
import { isEnabled } from './systemd-faults.ts';
import { readUnit } from './systemd-state.ts';

/** What was changed so that the rules come back with the machine. */
export const RememberedKeeping = z.object({
  file: KeptFile.nullable(),
  main: KeptFile.nullable(),
  wasEnabled: z.boolean(),
});
export type RememberedKeeping = z.output<typeof RememberedKeeping>;

type Context = Pick<StepContext, 'signal' | 'log'>;

/** Debian's nftables.service reads this one, https://wiki.debian.org/nftables */
const main = '/etc/nftables.conf';
const own = '/etc/nftables.d/slipway.nft';
const including = `include "${own}"`;
const included = /^\s*include\s+"\/etc\/nftables\.d\/(slipway|\*)\.nft"/m;
const service = 'nftables.service';

const fileOf = (content: string) => ({ path: own, content, owner: 'root', group: 'root', mode: '0644' });

/** Why a table that is loaded now would not come back as it is; each the end of a sentence. */
export async function lookAtKept(
  host: Host,
  text: string,
  loaders: readonly string[],
  context: Context,
): Promise<readonly string[]> {
  const { because } = await lookAtFile(host, fileOf(text), context);
  const mainFile = await readRemoteFile(host, main, context);
  return [
    ...(because === undefined ? [] : [`${own} is not as wanted`]),
    ...(included.test(mainFile?.content ?? '') ? [] : [`${main} does not include ${own}`]),
    ...(loaders.includes('nftables') ? [] : [`${service} is not enabled`]),
  ];
}

/**
 * Makes nftables.service load the table when the machine starts. The service is enabled but not started: starting it would flush the
 * rules that others, such as Docker, have loaded.
 */
export async function keepRules(
  host: Host,
  text: string,
  context: Context,
): Promise<{ readonly evidence: readonly Evidence[]; readonly remember: RememberedKeeping }> {
  const words = ['mkdir', '-p', '-m', '0755', '--', '/etc/nftables.d'];
  const { exit } = await runOn(host, { words, as: 'root', limit: 30_000 }, context);
  if (exit !== 0)
    throw new Failure('command-failed', `/etc/nftables.d could not be made on ${hostPlace(host)}.`);
  const { evidence, kept: file } = await putFile(host, fileOf(text), context, ['nft', '-c', '-f']);
  const before = await readRemoteFile(host, main, context);
  const content = before?.content ?? '#!/usr/sbin/nft -f\n';
  const isIncluded = included.test(content);
  const added = `${content.replace(/\n?$/, '\n')}\n${including}\n`;
  const mainKept = isIncluded
    ? null
    : await writeRemoteFile(host, main, { content: added, mode: before?.mode ?? '0755' }, context);
  const unit = await readUnit(host, service, [], context);
  const wasEnabled = isEnabled(unit);
  const enabled = wasEnabled ? [] : [await systemctl(host, ['enable', '--', service], context)];
  const line = {
    asked: `${main}: ${including}`,
    of: hostPlace(host),
    answered: isIncluded ? 'there' : 'added',
  };
  return { evidence: [...evidence, line, ...enabled], remember: { file, main: mainKept, wasEnabled } };
}

/** Takes back what made the rules come back with the machine. */
export async function takeBackKeeping(
  host: Host,
  { file, main: mainKept, wasEnabled }: RememberedKeeping,
  context: Context,
): Promise<readonly Evidence[]> {
  const evidence: Evidence[] = [];
  if (mainKept) evidence.push(await takeBackFile(host, mainKept, context));
  if (file) evidence.push(await takeBackFile(host, file, context));
  if (!wasEnabled) evidence.push(await systemctl(host, ['disable', '--', service], context));
  return evidence;
}
