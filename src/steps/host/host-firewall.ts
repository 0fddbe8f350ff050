import { z } from 'zod';
import { Duration } from '../../duration.ts';
import { Failure } from '../../errors.ts';
import { hostNamed, hostPlace } from '../ssh/ssh-connection.ts';
import {
  type Check,
  defineStep,
  type Host,
  HostName,
  type StepContext,
  satisfied,
  unsatisfied,
} from '../step.ts';
import { unrecorded } from './file-in-place.ts';
import { spanOf } from './firewall-addresses.ts';
import { everybody, findingsOf, type Opening } from './firewall-exposure.ts';
import { keepRules, lookAtKept, RememberedKeeping, takeBackKeeping } from './firewall-keep.ts';
import { loadRules, RememberedRules, restoreRules } from './firewall-load.ts';
import { type FirewallState, readFirewall } from './firewall-look.ts';
import { isOpenTo, tableOf } from './firewall-table.ts';
import { exposureDoubts, exposureFaults, shownListeners } from './firewall-words.ts';

const Port = z.int().min(1).max(65_535);
const Source = z
  .string()
  .refine(
    (text) => spanOf(text) !== undefined,
    'an address or a network such as 203.0.113.0/24 or 2001:db8::/32',
  );

const With = z.strictObject({
  host: HostName,
  world: z.array(Port).default([80, 443]).meta({ description: 'TCP ports that are open to everybody' }),
  from: z
    .array(z.strictObject({ port: Port, sources: z.array(Source).min(1) }))
    .default([])
    .meta({ description: 'TCP ports that are open to named networks only' }),
  ssh: z
    .strictObject({
      port: Port.default(22),
      sources: z
        .array(Source)
        .min(1)
        .default([...everybody]),
    })
    .prefault({})
    .meta({ description: 'who may reach the SSH server; Slipway itself must be among them' }),
  trial: Duration.refine((span) => span >= 3_000, 'at least 3s')
    .prefault('60s')
    .meta({
      description: 'how long new rules wait for a new login to prove them before the host takes them back',
    }),
});
type With = z.output<typeof With>;

const Remembered = z.object({ rules: RememberedRules, keeping: RememberedKeeping });

/**
 * Exactly the wanted TCP ports of a host are open to whom they are wanted for, now and after its next start. Looks at the rules that the
 * kernel holds, whoever wrote them; makes it so with a table of its own that drops what is not named.
 */
export const hostFirewall = defineStep({
  uses: 'host/firewall',
  summary: 'Exactly the wanted TCP ports of a host are open, each to whom it is wanted for.',
  with: With,
  timeout: '5m',
  check: async (wanted, context) => (await look(hostNamed(wanted.host, context), wanted, context)).check,
  apply: async (wanted, context) => {
    const host = hostNamed(wanted.host, context);
    const { check, state } = await look(host, wanted, context);
    if (check.is === 'satisfied') return { evidence: check.evidence };
    if (!state) throw noNft(host);
    const openings = openingsOf(wanted);
    if (!isOpenTo(openings, state.serverPort, state.client)) throw lockedOut(host, state);
    const text = tableOf(openings);
    const { evidence, remember: rules } = await loadRules(host, text, wanted.trial, context);
    const kept = await keepRules(host, text, context);
    const remember = { rules, keeping: kept.remember } satisfies z.output<typeof Remembered>;
    return { evidence: [...evidence, ...kept.evidence], remember };
  },
  undo: async (wanted, context, remembered) => {
    const host = hostNamed(wanted.host, context);
    if (remembered === undefined) throw unrecorded('the firewall', host);
    const { rules, keeping } = Remembered.parse(remembered);
    return [await restoreRules(host, rules, context), ...(await takeBackKeeping(host, keeping, context))];
  },
});

async function look(
  host: Host,
  wanted: With,
  context: StepContext,
): Promise<{ readonly check: Check; readonly state?: FirewallState }> {
  const state = await readFirewall(host, context);
  if (state) return { check: await judged(host, wanted, state, context), state };
  const because = `There is no nft on ${hostPlace(host)}, so nothing is known to be closed; install nftables.`;
  return { check: unsatisfied(because) };
}

async function judged(host: Host, wanted: With, state: FirewallState, context: StepContext): Promise<Check> {
  const where = hostPlace(host);
  const openings = openingsOf(wanted);
  const findings = findingsOf(state, openings);
  const { listening, interfaces } = state;
  const faults = [
    ...exposureFaults(findings ?? [], listening),
    ...(await keepingFaults(host, wanted, state, context)),
  ];
  const doubts = [...exposureDoubts(findings ?? [], listening)];
  if (!findings)
    doubts.push('what is open cannot be told, since the rules name more networks than can be followed');
  if (state.hasLegacyTables)
    doubts.push(
      'what is open cannot be told, since older iptables rules are loaded too (iptables-legacy -S)',
    );
  const evidence = [
    { asked: 'ss -H -ltnp: what listens for others', of: where, answered: shownListeners(listening) },
    {
      asked: `nft -j list ruleset: what comes in by ${interfaces.join(', ')}`,
      of: where,
      answered: [...faults, ...doubts].join('; ') || `open are ${shownOpenings(openings)}`,
    },
  ];
  if (faults.length > 0) return unsatisfied(`On ${where} ${[...faults, ...doubts].join('; ')}.`, ...evidence);
  if (doubts.length > 0) return { is: 'unknown', because: `On ${where} ${doubts.join('; ')}.`, evidence };
  return satisfied(...evidence);
}

/** Why the rules that are loaded now would not be there after the next start. */
async function keepingFaults(
  host: Host,
  wanted: With,
  state: FirewallState,
  context: StepContext,
): Promise<readonly string[]> {
  if (state.isOnTrial) return ['the new rules are still on trial and will be taken back'];
  if (state.isLoaded) return lookAtKept(host, tableOf(openingsOf(wanted)), state.loaders, context);
  if (state.loaders.length > 0) return [];
  return ['no service is enabled that loads the rules when the machine starts'];
}

function openingsOf({ world, from, ssh }: With): readonly Opening[] {
  return [...world.map((port) => ({ port, sources: [...everybody] })), ...from, ssh];
}

function shownOpenings(openings: readonly Opening[]): string {
  return openings
    .map(({ port, sources }) => {
      const isForAll = everybody.every((all) => sources.includes(all));
      return `${port} to ${isForAll ? 'everybody' : sources.join(', ')}`;
    })
    .join('; ');
}

function noNft(host: Host): Failure {
  return new Failure(
    'not-found',
    `There is no nft on ${hostPlace(host)}; install the package nftables first (host/package).`,
  );
}

function lockedOut(host: Host, { client, serverPort }: FirewallState): Failure {
  return new Failure(
    'config-refused',
    `The wanted rules would shut out Slipway itself, which comes to ${hostPlace(host)} from ${client} at port ${serverPort}; add it to \`ssh\`. Nothing was changed.`,
  );
}
