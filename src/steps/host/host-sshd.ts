import { z } from 'zod';
import { Duration } from '../../duration.ts';
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
import { putSshd, RememberedSshd, takeBackSshd } from './host-sshd-apply.ts';
import { readSshd, type SshdState } from './host-sshd-look.ts';

const Keyword = z
  .string()
  .regex(/^(?!(match|include)$)[A-Za-z][A-Za-z0-9]*$/i, 'a keyword of sshd_config, but not Match or Include');
const Value = z
  .union([z.string().regex(/^[^\n\r\0]+$/, 'one line'), z.int()])
  .transform((value) => String(value));

const With = z.strictObject({
  host: HostName,
  settings: z
    .record(Keyword, Value)
    .refine((settings) => Object.keys(settings).length > 0, 'at least one setting')
    .prefault({
      PermitRootLogin: 'prohibit-password',
      PasswordAuthentication: 'no',
      KbdInteractiveAuthentication: 'no',
    })
    .meta({ description: 'keywords of sshd_config to values; those given replace the default ones' }),
  trial: Duration.refine((span) => span >= 3_000, 'at least 3s')
    .prefault('60s')
    .meta({
      description: 'how long a change waits for a new login to prove it before the host takes it back',
    }),
});

/** The SSH server of a host has the wanted settings in force, and still lets Slipway in. */
export const hostSshd = defineStep({
  uses: 'host/sshd',
  summary: 'The SSH server of a host has the wanted settings in force.',
  with: With,
  timeout: '5m',
  check: async (wanted, context) => {
    const host = hostNamed(wanted.host, context);
    return judged(host, await readSshd(host, wanted.settings, context));
  },
  apply: async ({ host: name, settings, trial }, context) => {
    const host = hostNamed(name, context);
    const check = judged(host, await readSshd(host, settings, context));
    if (check.is === 'satisfied') return { evidence: check.evidence };
    return putSshd(host, settings, trial, context);
  },
  undo: async ({ host: name, settings }, context: StepContext, remembered) => {
    const host = hostNamed(name, context);
    if (remembered === undefined) throw unrecorded('the SSH settings', host);
    return takeBackSshd(host, settings, RememberedSshd.parse(remembered), context);
  },
});

function judged(host: Host, state: SshdState): Check {
  const where = hostPlace(host);
  const faults = [
    ...state.differing,
    ...state.excepted,
    ...(state.unread.length > 0
      ? [`${state.unit} has not been reloaded since ${state.unread.join(', ')} changed`]
      : []),
    ...(state.isOnTrial ? ['the change is still on trial and will be taken back'] : []),
  ];
  const evidence = { asked: 'sshd -T: what is in force', of: where, answered: state.shown };
  return faults.length === 0
    ? satisfied(evidence)
    : unsatisfied(`On ${where} ${faults.join('; ')}.`, evidence);
}
