import type { Duty } from '../../../alerting/on-call.ts';
import { nearest } from '../../../nearest.ts';
import { clip, code, escaped, mention } from '../escape.ts';
import { moment } from '../moment.ts';
import { type Reply, reply } from '../reply.ts';
import { sign } from '../signs.ts';

/** A schedule with who is on call in it. */
export interface Scheduled {
  readonly schedule: string;
  readonly duty: Duty;
}

/** A word that `/oncall` takes, and what it does. */
export interface OnCallWord {
  readonly usage: string;
  readonly does: string;
}

/** Who is on call in each schedule, until when, and who comes then. */
export function onCallReply(all: readonly Scheduled[]): Reply {
  return all.length === 0 ? noSchedule() : reply('*On call now*', ...all.flatMap(nowLines));
}

/** Who comes next in each schedule, and when. */
export function nextReply(all: readonly Scheduled[]): Reply {
  return all.length === 0 ? noSchedule() : reply('*On call next*', ...all.flatMap(nextLines));
}

/** What can be typed after `/oncall`; `unknown` is what was typed and is neither a word nor a schedule. */
export function onCallHelp(
  words: Readonly<Record<string, OnCallWord>>,
  schedules: readonly string[],
  unknown?: string,
): Reply {
  const lines = [
    line('', 'who is on call in each schedule, until when, and who is next'),
    ...Object.values(words).map(({ usage, does }) => line(usage, does)),
    ...schedules.slice(0, 1).map((schedule) => line(schedule, 'the same of one schedule')),
    `Schedules: ${schedules.map((schedule) => code(schedule)).join(', ') || 'none'}`,
  ];
  if (unknown === undefined) return reply('*What you can type*', ...lines);
  const meant = nearest(unknown.slice(0, 80), [...Object.keys(words), ...schedules]);
  const advice = meant === undefined ? '' : ` Did you mean ${code(`/oncall ${meant}`)}?`;
  return reply(`${code(clip(unknown, 80)) || 'That'} is not known here.${advice}`, ...lines);
}

/** The answer where slipway.yaml says nothing of alerts. */
export function noAlertsReply(): Reply {
  return reply(
    `${sign.warning} No alerts are configured here, so nobody is on call for them.`,
    `They are set under ${code('alerts')} in slipway.yaml; slipway.example.yaml shows how.`,
  );
}

function noSchedule(): Reply {
  return reply(
    `${sign.warning} There is no schedule yet.`,
    `One is set under ${code('alerts.schedules')} in slipway.yaml.`,
  );
}

function nowLines({ schedule, duty }: Scheduled): readonly string[] {
  const { now, next, until } = duty;
  const end = until === undefined ? '' : ` until ${moment(until)}`;
  const then = next === undefined || next === now ? '' : `, then ${mention(next)}`;
  const gap = next === undefined || until === undefined ? '' : `; ${mention(next)} from ${moment(until)}`;
  const who = now === undefined ? `nobody${gap}` : `${mention(now)}${end}${then}`;
  return [`*${name(schedule)}*  ${who}`, ...because(duty)];
}

function nextLines({ schedule, duty }: Scheduled): readonly string[] {
  const { now, next, until } = duty;
  const from = until === undefined ? '' : ` from ${moment(until)}`;
  const who = next === undefined || next === now ? 'nobody else' : `${mention(next)}${from}`;
  return [`*${name(schedule)}*  ${who}`, ...because(duty)];
}

// Partly from PagerDuty.
function because({ because: why }: Duty): readonly string[] {
  return why === undefined ? [] : [`${sign.warning} ${clip(escaped(why), 300)}`];
}

function name(schedule: string): string {
  return clip(escaped(schedule), 60);
}

function line(usage: string, does: string): string {
  return `${code(`/oncall ${usage}`)}  ${does}`;
}
