import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Alertmanager, startAlertmanager } from '../../rehearsal/alertmanager/alertmanager.ts';
import { sendAlerts } from '../../rehearsal/alertmanager/send-alerts.ts';
import type { Message } from '../../rehearsal/slack/screen.ts';
import { freePort } from '../../rehearsal/world/free-port.ts';
import { type Slipway, type SlipwayOptions, startSlipway } from '../support/slipway.ts';
import { read } from './acting.ts';
import { nothing, phase, planOf } from './plans.ts';

const channel = 'alerts';

/** Slipway with an Alertmanager that tells it of an alert, and what people see of that. */
export interface AlertsSite {
  readonly slipway: Slipway;
  readonly people: Slipway['people'];
  readonly alertmanager: Alertmanager;
  /** Lets the alert of a host fire, or end. */
  readonly fire: (host: string, endsAt?: number) => Promise<void>;
  /** The group's message as it was first seen. */
  readonly message: Message;
  /** Waits until the group's message, the one in the channel itself, shows all of these. */
  readonly shown: (...texts: readonly string[]) => Promise<Message>;
  /** The group's message, if what it shows now looks like this. */
  readonly messageThat: (looks: (text: string) => boolean) => Message | undefined;
  /** Waits for what only this person is told. */
  readonly told: (user: string, text: string) => Promise<Message>;
  readonly stop: () => Promise<void>;
}

export const patient = { timeoutMs: 25_000 };

/** Starts everything and lets one alert fire; carol and bob may do everything about it, alice nothing. */
export async function startAlertsSite(options: Partial<SlipwayOptions> = {}): Promise<AlertsSite> {
  const closers: (() => Promise<unknown>)[] = [];
  const stop = async () => {
    for (const close of closers.splice(0).reverse()) await close();
  };
  try {
    const dir = await mkdtemp(join(tmpdir(), 'slipway-alerts-'));
    closers.push(() => rm(dir, { recursive: true, force: true }));
    const port = await freePort();
    const alertmanager = await startAlertmanager({
      dir,
      webhookUrl: `http://127.0.0.1:${port}/alerts/alertmanager/main`,
      token: 'token-of-main',
      groupBy: ['alertname', 'cluster'],
    });
    closers.push(() => alertmanager.stop());
    const slipway = await startSlipway({
      plan: planOf([phase('main', 'Main work', [nothing()])]),
      groups: { deployers: ['U0ALICE'], approvers: ['U0BOB'], oncall: ['U0BOB', 'U0CAROL'] },
      alerts: sectionOf(port, alertmanager),
      secrets: { HOOK: 'token-of-main' },
      ...options,
    });
    closers.push(() => slipway.stop());
    const site = watch(slipway);
    const startsAt = Date.now() - 60_000;
    const fire: AlertsSite['fire'] = async (host, endsAt) => {
      const labels = { alertname: 'DiskWillFill', severity: 'critical', cluster: 'eu-1', instance: host };
      const annotations = { summary: 'The disk fills within 4 hours', value: '97 %' };
      const alert = { labels, annotations, startsAt, ...(endsAt !== undefined && { endsAt }) };
      await sendAlerts(alertmanager.url, [alert]);
    };
    await fire('db-1');
    return { ...site, slipway, alertmanager, fire, stop, message: await site.shown('*1 firing*') };
  } catch (error) {
    await stop();
    throw error;
  }
}

function watch({ people }: Slipway): Pick<AlertsSite, 'people' | 'shown' | 'messageThat' | 'told'> {
  const isGroup = ({ thread_ts, ephemeral_to }: Message) =>
    thread_ts === undefined && ephemeral_to === undefined;
  return {
    people,
    shown: (...texts) =>
      people.waitForMessage(
        channel,
        (message) => isGroup(message) && texts.every((text) => read(message).includes(text)),
        { ...patient, what: texts.join(' and ') },
      ),
    messageThat: (looks) =>
      people.messages(channel).find((message) => isGroup(message) && looks(read(message))),
    told: (user, text) =>
      people.waitForEphemeral(user, (message) => read(message).includes(text), { ...patient, what: text }),
  };
}

function sectionOf(port: number, { url }: Alertmanager): unknown {
  return {
    listen: `127.0.0.1:${port}`,
    may: { respond: ['oncall'], silence: ['oncall'] },
    sources: { main: { credential: { bearer: { env: 'TEST_HOOK' } }, alertmanagers: [url], poll: '1h' } },
    routes: [{ name: 'all', channel: 'C0ALERTS', policy: 'default' }],
    policies: {
      default: [
        { tell: { group: 'approvers' }, after: '1h' },
        { tell: { group: 'oncall' }, after: '2h' },
      ],
    },
  };
}
