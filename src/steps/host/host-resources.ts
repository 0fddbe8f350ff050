import { z } from 'zod';
import { Failure } from '../../errors.ts';
import { lastLine } from '../../text.ts';
import { hostNamed, hostPlace } from '../ssh/ssh-connection.ts';
import { runOn } from '../ssh/ssh-run.ts';
import { defineStep, HostName, satisfied, unsatisfied } from '../step.ts';
import { AbsolutePath } from './file-parameters.ts';
import { Amount, inBytes, readableBytes, Share } from './resources-amount.ts';

const With = z
  .strictObject({
    host: HostName,
    path: z
      .union([AbsolutePath, z.literal('/')])
      .default('/')
      .meta({ description: 'a place on the file system that is looked at; it need not exist yet' }),
    diskFree: Amount.optional().meta({ description: "such as '5GB', '512MiB' or '10%'" }),
    inodesFree: Share.optional().meta({ description: "such as '10%'" }),
    memoryFree: Amount.optional().meta({
      description: "what new programs can have without swapping, such as '2GB' or '25%'",
    }),
    cpus: z.int().min(1).max(4_096).optional(),
  })
  .refine(
    ({ diskFree, inodesFree, memoryFree, cpus }) =>
      [diskFree, inodesFree, memoryFree, cpus].some((one) => one !== undefined),
    'at least one of diskFree, inodesFree, memoryFree and cpus',
  );

/** Of a place that does not exist yet, the nearest folder above it tells. Numbers only: bytes, inodes, kilobytes, processors. */
const asking = `set -u
export LC_ALL=C
at=$1
while [ ! -e "$at" ]; do at=$(dirname -- "$at"); done
disk=$(df -P -B1 -- "$at" | awk 'NR == 2 { print $2, $4 }') || exit 1
inodes=$(df -P -i -- "$at" | awk 'NR == 2 { print $2, $4 }') || exit 1
memory=$(awk '$1 == "MemTotal:" { total = $2 } $1 == "MemAvailable:" { free = $2 } END { print total, free }' /proc/meminfo)
echo "$disk $inodes $memory $(nproc)"`;

/** A host has enough free disk, memory and inodes, and enough processors; only people can make it so. */
export const hostResources = defineStep({
  uses: 'host/resources',
  summary: 'A host has enough free disk space, memory and inodes, and enough processors.',
  with: With,
  timeout: '30s',
  check: async (wanted, context) => {
    const host = hostNamed(wanted.host, context);
    const where = hostPlace(host);
    const words = ['sh', '-c', asking, 'sh', wanted.path];
    const { exit, stdout, stderr } = await runOn(host, { words, limit: 20_000 }, context);
    const numbers = stdout.trim().split(' ').map(Number);
    if (exit !== 0 || numbers.length !== 7 || numbers.some(Number.isNaN)) {
      const last = lastLine(stderr);
      throw new Failure(
        'command-failed',
        `df on ${where} did not tell its numbers: ${last || stdout.trim()}`,
      );
    }
    const [disk = 0, diskFree = 0, inodes = 0, inodesFree = 0, memory = 0, memoryFree = 0, cpus = 0] =
      numbers;
    const short: string[] = [];
    const compare = (what: string, free: number, total: number, least: Amount | undefined) => {
      if (least === undefined || free >= inBytes(least, total)) return;
      const share = `${Math.floor((free / total) * 100)}% of ${readableBytes(total)}`;
      const to = 'percent' in least ? `${least.percent}%` : readableBytes(least.bytes);
      short.push(`has ${readableBytes(free)} ${what} (${share}), wanted are ${to}`);
    };
    compare(`free on the disk of ${wanted.path}`, diskFree, disk, wanted.diskFree);
    compare('free memory', memoryFree * 1_024, memory * 1_024, wanted.memoryFree);
    // Some file systems have no fixed number of inodes and tell none.
    if (wanted.inodesFree && inodes > 0 && inodesFree < inBytes(wanted.inodesFree, inodes)) {
      const share = Math.floor((inodesFree / inodes) * 100);
      short.push(
        `has ${share}% of its inodes free at ${wanted.path}, wanted are ${wanted.inodesFree.percent}%`,
      );
    }
    if (wanted.cpus !== undefined && cpus < wanted.cpus)
      short.push(`has ${cpus} processors, wanted are ${wanted.cpus}`);
    const answered = [
      `disk of ${wanted.path}: ${readableBytes(diskFree)} of ${readableBytes(disk)} free`,
      inodes > 0 ? `inodes: ${inodesFree} of ${inodes} free` : 'inodes: no fixed number',
      `memory: ${readableBytes(memoryFree * 1_024)} of ${readableBytes(memory * 1_024)} available`,
      `processors: ${cpus}`,
    ].join('\n');
    const evidence = {
      asked: `free disk and inodes at ${wanted.path}, memory, processors`,
      of: where,
      answered,
    };
    return short.length === 0 ? satisfied(evidence) : unsatisfied(`${where} ${short.join('; ')}.`, evidence);
  },
});
