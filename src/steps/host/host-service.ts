import { z } from 'zod';
import { Duration } from '../../duration.ts';
import { reveal, Secret } from '../../secret.ts';
import { hidden, secretsIn } from '../hidden.ts';
import { hostNamed, hostPlace } from '../ssh/ssh-connection.ts';
import {
  type Check,
  defineStep,
  type Evidence,
  type Host,
  HostName,
  type StepContext,
  satisfied,
  Text,
  unsatisfied,
} from '../step.ts';
import { lookAtFile, unrecorded } from './file-in-place.ts';
import { AbsolutePath } from './file-parameters.ts';
import { putService } from './systemd-apply.ts';
import { readSettled } from './systemd-control.ts';
import { isMasked, unitFaults } from './systemd-faults.ts';
import { shownState } from './systemd-state.ts';
import { RememberedService, takeBackService } from './systemd-undo.ts';

const With = z.strictObject({
  host: HostName,
  name: z
    .string()
    .regex(/^[A-Za-z0-9:_.@][A-Za-z0-9:_.@-]{0,200}$/, 'the name of a unit')
    .transform((name) => (/\.(service|timer)$/.test(name) ? name : `${name}.service`))
    .meta({ description: 'the unit; `.service` is added to a name that ends neither so nor with `.timer`' }),
  unit: Text.optional().meta({
    description:
      'all of the unit file, written to /etc/systemd/system; without it the unit must be there already',
  }),
  enabled: z.boolean().default(true).meta({ description: 'whether it comes up with the machine' }),
  state: z.enum(['running', 'stopped']).default('running'),
  settled: Duration.prefault('3s').meta({
    description: 'how long it must have stayed up without a restart before it counts as running',
  }),
  restartWhen: z.array(AbsolutePath).default([]).meta({
    description: 'files, such as its configuration, after whose change it must be started again',
  }),
  limit: Duration.prefault('2m').meta({ description: 'how long one start or stop may take' }),
});
type With = z.output<typeof With>;

/** A systemd unit is installed, enabled and stays up, or is stopped; a unit file that systemd would refuse changes nothing. */
export const hostService = defineStep({
  uses: 'host/service',
  summary: 'A systemd unit is installed, enabled and stays up, or is stopped.',
  with: With,
  timeout: '5m',
  check: async (wanted, context) => (await look(hostNamed(wanted.host, context), wanted, context)).check,
  apply: async (wanted, context) => {
    const host = hostNamed(wanted.host, context);
    const { check, state } = await look(host, wanted, context);
    if (check.is !== 'unsatisfied') return { evidence: 'evidence' in check ? check.evidence : [] };
    const { evidence, remember } = await putService(host, { ...wanted, ...fileOf(wanted) }, state, context);
    return { evidence: evidence.map((one) => shown(one, wanted)), remember };
  },
  undo: async (wanted, context, remembered) => {
    const host = hostNamed(wanted.host, context);
    if (remembered === undefined) throw unrecorded(wanted.name, host);
    return takeBackService(host, wanted, RememberedService.parse(remembered), context);
  },
});

async function look(host: Host, wanted: With, context: StepContext) {
  const { name, restartWhen, settled } = wanted;
  const { earlier, state } = await readSettled(host, name, restartWhen, settled, context);
  const { file } = fileOf(wanted);
  const found = file && !isMasked(state) ? await lookAtFile(host, file, context) : undefined;
  const where = hostPlace(host);
  // Where the file is to be written, its absence is what is wrong, and that systemd knows no such unit only follows from it.
  const isMissing = state.load === 'not-found' && found?.because !== undefined;
  const faults = isMissing ? [] : unitFaults(wanted, state, earlier);
  const evidence: Evidence[] = [
    { asked: `systemctl show ${name}`, of: where, answered: shownState(state) },
    ...(found ? [shown(found.evidence, wanted)] : []),
  ];
  const sentences = [
    ...(found?.because === undefined ? [] : [found.because]),
    ...(faults.length > 0 ? [`${name} on ${where} ${faults.join(', ')}.`] : []),
  ];
  const check: Check =
    sentences.length === 0 ? satisfied(...evidence) : unsatisfied(sentences.join(' '), ...evidence);
  return { check, state };
}

/** A unit that holds a secret is readable by root alone; systemd reads it as root. */
function fileOf({ name, unit }: With) {
  if (unit === undefined) return {};
  const mode = unit instanceof Secret ? '0600' : '0644';
  const path = `/etc/systemd/system/${name}`;
  const content = reveal(unit).endsWith('\n') ? unit : ended(unit);
  return { file: { path, content, owner: 'root', group: 'root', mode } };
}

function ended(unit: string | Secret): string | Secret {
  return unit instanceof Secret ? new Secret(unit.name, `${unit.reveal()}\n`) : `${unit}\n`;
}

function shown(evidence: Evidence, wanted: With): Evidence {
  return { ...evidence, answered: hidden(evidence.answered, secretsIn(wanted)) };
}
