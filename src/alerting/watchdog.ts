import { z } from 'zod';
import { isWatchdog } from '../alerts/source.ts';
import type { AlertSource } from '../alerts/surroundings.ts';
import { Failure, reasons } from '../errors.ts';
import type { Alerts } from './alerts.ts';
import type { Pager } from './pagerduty-events.ts';
import type { SourceStream } from './source-streams.ts';

/** A source's alert that must always fire. */
export interface WatchdogOf {
  /** Delivers what is not the watchdog; of the watchdog only that it was heard is kept. */
  readonly take: Alerts['deliver'];
  /** Looks whether it was heard lately, and says so when not. */
  readonly check: () => Promise<void>;
  /** Tells PagerDuty what is wanted at this turn; a turn that is over does nothing. Throws what trying again may help. */
  readonly page: (turn: number) => Promise<void>;
}

interface WatchdogParts {
  readonly source: AlertSource;
  readonly stream: SourceStream;
  readonly deliver: Alerts['deliver'];
  readonly pager: Pager;
  readonly now: () => number;
}

/** Listens to a source's watchdog from this moment on; a source without one has none to be missed. */
export function listenToWatchdog(parts: WatchdogParts): WatchdogOf {
  const { source, stream, deliver, now } = parts;
  const { watchdog } = source;
  const startedAt = now();
  let heardAt: number | undefined;
  let notedAt = Number.NEGATIVE_INFINITY;
  let isSilent = true;
  const hear = async (silence: number): Promise<void> => {
    heardAt = now();
    const every = silence / 4;
    // Prometheus says so every minute or so, which need not be kept each time.
    if (!isSilent && heardAt - notedAt < every) return;
    await stream.tell({ type: 'Hear', every });
    notedAt = heardAt;
    isSilent = false;
  };
  return {
    take: async (name, delivery, via) => {
      const own = delivery.alerts.filter(({ labels }) => isWatchdog(source, labels));
      if (watchdog === undefined || own.length === 0) return deliver(name, delivery, via);
      if (own.some(({ status }) => status === 'firing')) await hear(watchdog.silence);
      const alerts = delivery.alerts.filter((alert) => !own.includes(alert));
      if (alerts.length > 0) return deliver(name, { ...delivery, alerts }, via);
      const refusal = { code: 'group-unknown', detail: 'A watchdog is no group.' } as const;
      return { ok: false, refusal, state: undefined };
    },
    check: async () => {
      if (watchdog === undefined) {
        await stream.tell({ type: 'DropWatchdog' });
        return;
      }
      const { silence, page } = watchdog;
      const known = { ...(heardAt !== undefined && { heardAt }), ...(page !== undefined && { page }) };
      if (await stream.tell({ type: 'CheckWatchdog', silence, startedAt, ...known })) isSilent = true;
    },
    page: (turn) => tellPagerDuty(parts, turn),
  };
}

async function tellPagerDuty({ source, stream, pager }: WatchdogParts, turn: number): Promise<void> {
  const state = await stream.find();
  const page = state?.page;
  if (page?.turn !== turn || page.told === page.wanted || page.refused !== undefined) return;
  try {
    await pager.send({
      action: page.wanted === 'triggered' ? 'trigger' : 'resolve',
      key: page.key,
      dedupKey: page.dedupKey,
      summary: `The watchdog of ${source.name} is silent: alerts may not arrive`,
      source: source.name,
      severity: 'critical',
    });
    await stream.tell({ type: 'PageTold', turn });
  } catch (error) {
    if (!(error instanceof Failure) || reasons[error.code].retry) throw error;
    await stream.tell({ type: 'PageRefused', turn, because: error.message });
  }
}

/** A job `watchdog-page` of the queue `calls`. */
export const WatchdogPageJob = z.object({ source: z.string(), turn: z.number() });
