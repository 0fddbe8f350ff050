import type { KnownBlock } from '@slack/types';
import type { AlertGroup, Silence } from '../../../alerts/group.ts';
import { instantOf } from '../../../alerts/stamp.ts';
import { readable } from '../../../duration.ts';
import { action, encode } from '../action.ts';
import type { Press } from '../block.ts';
import { actions, context, header, lines } from '../block.ts';
import { clip } from '../escape.ts';
import { fitBlocks } from '../fit.ts';
import { ago, moment } from '../moment.ts';
import { sign } from '../signs.ts';
import type { Surface } from '../surface.ts';
import { alertLines } from './alert-lines.ts';
import { placesToLook, runbooks } from './alert-links.ts';
import { escalationLines, pageLines } from './calling-lines.ts';
import { encodeGroup } from './group-reference.ts';
import { silencesInForce, sparkline, stateOf } from './group-state.ts';
import type { GroupView } from './group-view.ts';
import { actorName, alertSign, brief, chips, nameOf, severityWord, summaryOf } from './group-words.ts';

/** The message of an alert group in its channel: what is wrong, since when, who has seen it, and what can be done about it. */
export function channelMessage(view: GroupView): Surface {
  const { group, episodes, now } = view;
  const name = nameOf(group, episodes);
  const [mark, state] = stateOf(group, now);
  const summary = brief(summaryOf(group, episodes), 400);
  const isFiring = group.status === 'firing';
  const blocks = fitBlocks([
    header(`${mark} ${clip(name, 90)} · ${state}`),
    ...lines([...(summary === '' ? [] : [`*${summary}*`]), factsLine(group), ...stateLines(view)]),
    ...(isFiring
      ? silencesInForce(group, now)
          .slice(-3)
          .flatMap((one) => silenceBlocks(one, group))
      : []),
    ...relatedBlocks(group),
    ...lines(alertLines(view)),
    ...linkBlocks(view),
    ...contextOf([...pageLines(group), ...escalationLines(group)]),
    ...actions(buttons(view)),
  ]);
  const place = group.routing.environment === undefined ? '' : ` on ${brief(group.routing.environment, 60)}`;
  const text = clip(`${mark} ${brief(name, 100)}${place} · ${state}${summary && ` – ${summary}`}`, 400);
  return { key: `message-${group.message}`, place: 'channel', urgent: isUrgent(group), text, blocks };
}

/** People wait for what nobody has seen yet. */
function isUrgent({ status, acknowledged }: AlertGroup): boolean {
  return status === 'firing' && acknowledged === undefined;
}

function factsLine({ routing, firing, resolved, since, status, closedAt, source }: AlertGroup): string {
  const began = instantOf(since);
  // By a clock that is wrong by years Slack would show nothing of use.
  const isPlausible = began > 946_684_800_000 && began < 4_102_444_800_000;
  const from = !isPlausible ? 'since an unknown time' : `since ${ago(began)}`;
  const when =
    status === 'resolved' && closedAt !== undefined && isPlausible
      ? `${moment(began)} to ${moment(closedAt)}`
      : from;
  return [
    severityWord[routing.severity],
    ...(routing.environment === undefined ? [] : [`*${brief(routing.environment, 60)}*`]),
    when,
    ...(status === 'firing' ? [`*${firing} firing*`] : []),
    ...(resolved > 0 ? [`${resolved} resolved`] : []),
    `from ${brief(source, 40)}`,
  ].join(' · ');
}

function stateLines({ group, now }: GroupView): string[] {
  const { acknowledged, dismissed, flapping, openings, truncated, routing, status, closedBecause } = group;
  const failed = group.silences.at(-1)?.status === 'failed' ? group.silences.at(-1) : undefined;
  const first = openings[0];
  return [
    ...(acknowledged === undefined
      ? []
      : [`${alertSign.seen} Acknowledged by ${actorName(acknowledged.by)}, ${moment(acknowledged.at)}`]),
    ...(dismissed === undefined
      ? []
      : [
          `${sign.stopped} Page closed by ${actorName(dismissed.by)}, ${moment(dismissed.at)}${
            status === 'firing' ? '; Prometheus decides when it really ends' : ''
          }`,
        ]),
    ...(flapping && first !== undefined
      ? [
          `${alertSign.flapping} Opened ${openings.length} times since ${moment(first)} \`${sparkline(openings)}\``.replace(
            / ``$/,
            '',
          ),
        ]
      : []),
    ...(closedBecause === 'gone'
      ? ['Alertmanager no longer has these alerts; of silenced ones it does not tell the end.']
      : []),
    ...(truncated > 0
      ? [`${sign.warning} Alertmanager left out ${truncated} alert${truncated === 1 ? '' : 's'}`]
      : []),
    ...(failed !== undefined && status === 'firing' && failed.until > now
      ? [
          `${sign.warning} The silence that ${actorName(failed.by)} asked for was not made: ${brief(failed.because ?? 'no reason was given', 200)}`,
        ]
      : []),
    ...(routing.quiet !== undefined && status === 'firing'
      ? [`${alertSign.quiet} Quiet hours ${brief(routing.quiet, 60)}: nobody is paged`]
      : []),
  ];
}

function silenceBlocks(silence: Silence, { id, round }: AlertGroup): KnownBlock[] {
  const { number, scope, until, by, comment, status, matchers } = silence;
  const what =
    scope === 'group'
      ? ''
      : `One alert: ${chips(Object.fromEntries(matchers.map(({ name, value }) => [name, value])), 200)} `;
  const state =
    status === 'active'
      ? `Silenced until ${moment(until)}`
      : `To be silenced until ${moment(until)}, Alertmanager has yet to answer;`;
  const said = comment.trim() === '' ? '' : `: ${brief(comment, 200)}`;
  const line = `${alertSign.silenced} ${what}${state} by ${actorName(by)}${said}`;
  const value = encodeGroup({ group: id, round, silence: number });
  return [
    ...lines([line]),
    ...(status === 'active'
      ? actions([
          { text: 'Extend 2 h', action: action.extendSilence, value },
          { text: 'End silence now', action: action.endSilence, value },
        ])
      : []),
  ];
}

function relatedBlocks({ related, routing, openedAt, status }: AlertGroup): KnownBlock[] {
  const shown = related.slice(-3);
  const place = brief(routing.environment ?? '', 60);
  const told = shown.map(({ version, phase, at, by }) => {
    const before = readable(Math.max(0, openedAt - at));
    const who = actorName({ via: 'slack', id: by });
    return `${sign.back} ${`${place} ${brief(version, 60)}`.trim()} reached *${brief(phase, 80)}* ${before} before, by ${who}`;
  });
  // The newest is what people take back; an older one cannot be while another is above it.
  const newest = shown.at(-1);
  const press: Press[] =
    newest === undefined || status === 'resolved'
      ? []
      : [
          {
            text: `Roll back ${clip(newest.version, 50)}`,
            action: action.rollBack,
            value: encode({ run: newest.run }),
            style: 'danger',
          },
        ];
  return [...lines(told), ...actions(press)];
}

function linkBlocks(view: GroupView): KnownBlock[] {
  const places = placesToLook(view).map(({ url, label }) => `<${url.replaceAll('&', '&amp;')}|${label}>`);
  return contextOf(places.filter((one) => one.length <= 1_500));
}

function contextOf(texts: readonly string[]): KnownBlock[] {
  return texts.length === 0 ? [] : [context(...texts)];
}

function buttons(view: GroupView): Press[] {
  const { group } = view;
  const toRead = runbooks(view).map(({ label, url }): Press => ({ text: label, action: action.link, url }));
  if (group.status === 'resolved') return toRead;
  const value = encodeGroup({ group: group.id, round: group.round });
  return [
    group.acknowledged === undefined
      ? { text: 'Acknowledge', action: action.acknowledge, value, style: 'primary' }
      : { text: 'Unacknowledge', action: action.unacknowledge, value },
    { text: 'Silence', action: action.silence, value },
    ...(group.routing.policy === undefined
      ? []
      : [{ text: 'Escalate', action: action.escalate, value } satisfies Press]),
    ...toRead,
    ...(group.dismissed === undefined ? [resolveButton(value)] : []),
  ];
}

function resolveButton(value: string): Press {
  return {
    text: 'Resolve',
    action: action.resolve,
    value,
    confirm: {
      title: 'Close the page?',
      text: 'Nobody is paged or told about this any more until it fires anew. The alerts themselves stay: Prometheus decides when they really end.',
      yes: 'Close the page',
      no: 'Not yet',
    },
  };
}
