import { isGoing } from '../../../alerts/decide-source.ts';
import type { Drift, SourceState, Trouble, Unreached } from '../../../alerts/source.ts';
import { readable } from '../../../duration.ts';
import { context, lines, section } from '../block.ts';
import { fitBlocks } from '../fit.ts';
import { ago, moment, unformatted } from '../moment.ts';
import { sign } from '../signs.ts';
import type { Surface } from '../surface.ts';
import { alertSign, brief, chips } from './group-words.ts';

/** The messages of a source in its channel, one for each kind of trouble that it has, or had last: none when all was well so far. */
export function sourceMessages(source: SourceState): readonly Surface[] {
  const { unreached, drift, silence } = source;
  return [
    ...(silence === undefined ? [] : [watchdogMessage(source, silence)]),
    ...(drift === undefined ? [] : [driftMessage(source, drift)]),
    ...(unreached === undefined ? [] : [reachMessage(source, unreached)]),
  ];
}

function watchdogMessage(source: SourceState, silence: Trouble): Surface {
  const name = nameOf(source);
  const head = isGoing(silence)
    ? `${sign.failed} *The watchdog of ${name} is silent* since ${ago(silence.since)}`
    : `${sign.done} The watchdog of ${name} was silent ${span(silence)}`;
  const why = isGoing(silence)
    ? [
        'An alert that must always fire has stopped: Prometheus, Alertmanager or the way to Slipway is down, and other alerts may not arrive.',
        ...pageLine(source),
      ]
    : [];
  return message(`watchdog.${silence.number}`, isGoing(silence), head, why);
}

function pageLine({ page }: SourceState): string[] {
  if (page === undefined) return ['Nobody is paged: the source names no `page` for its watchdog.'];
  const key = brief(page.key, 60);
  if (page.refused !== undefined) {
    return [`${sign.warning} PagerDuty refused the page through ${key}: ${brief(page.refused, 300)}`];
  }
  return page.told === 'triggered'
    ? [`${alertSign.page} Paged through ${key}`]
    : [`${alertSign.page} Being paged through ${key}; PagerDuty has yet to answer`];
}

function driftMessage(source: SourceState, drift: Drift): Surface {
  const { count, some, number } = drift;
  const name = nameOf(source);
  if (!isGoing(drift)) {
    const head = `${sign.done} All that fires in Alertmanager ${name} reaches Slack again; some did not ${span(drift)}`;
    return message(`drift.${number}`, false, head, []);
  }
  const alerts = count === 1 ? '1 alert fires' : `${count} alerts fire`;
  const head = `${sign.warning} *${alerts} in Alertmanager ${name} that never reached Slack*, seen since ${ago(drift.since)}`;
  const left = count - some.length;
  return message(`drift.${number}`, true, head, [
    ...some.map((labels) => `• ${chips(labels, 300)}`),
    ...(left > 0 ? [`… and ${left} more`] : []),
    'Look at its webhook for Slipway: its address, its credential, and what Alertmanager’s log says of it.',
  ]);
}

function reachMessage(source: SourceState, unreached: Unreached): Surface {
  const { isPartial, silent, number } = unreached;
  const name = nameOf(source);
  const key = `reach.${number}`;
  if (!isGoing(unreached)) {
    const who = isPartial ? `All peers of Alertmanager ${name} answer` : `Alertmanager ${name} answers`;
    return message(key, false, `${sign.done} ${who} again; not so ${span(unreached)}`, []);
  }
  const peers = silent.length === 1 ? 'A peer' : `${silent.length} peers`;
  const head = isPartial
    ? `${sign.warning} *${peers} of Alertmanager ${name} ${silent.length === 1 ? 'does' : 'do'} not answer* since ${ago(unreached.since)}; another does`
    : `${sign.failed} *Alertmanager ${name} does not answer* since ${ago(unreached.since)}`;
  const lost = isPartial
    ? []
    : ['Silences wait, and the end of alerts that are silenced is not seen until it answers again.'];
  return message(key, false, head, [...silent.map(({ because }) => `• ${brief(because, 300)}`), ...lost]);
}

function message(key: string, urgent: boolean, head: string, rest: readonly string[]): Surface {
  const [first, ...others] = rest;
  const blocks = fitBlocks([
    section(head),
    ...lines(others.length === 0 ? [] : rest.slice(0, -1)),
    ...(first === undefined ? [] : [context(rest.at(-1) ?? first)]),
  ]);
  return { key, place: 'channel', urgent, text: unformatted(head), blocks };
}

function nameOf({ name }: SourceState): string {
  return brief(name, 60);
}

function span({ since, endedAt = since }: Trouble): string {
  return `from ${moment(since)} on for ${readable(Math.max(0, endedAt - since))}`;
}
