import type { AlertStats, Took } from '../../../alerts/stats.ts';
import { readable } from '../../../duration.ts';
import type { Reply } from '../reply.ts';
import { reply } from '../reply.ts';
import { shown } from '../titles.ts';

/** An alert that opens this often within an hour is better kept firing than told again and again. */
const flapping = 4;

/** What alerts cost in these days: how fast they were taken and over, what woke people, and what was noise. */
export function statsReply(stats: AlertStats, days: number, timeZone: string): Reply {
  const { opened, toAcknowledge, toResolve, unattended, pages, pagesAtNight, noisiest } = stats;
  if (opened === 0) return reply(`:bell: No alert has fired in the last ${days} days`);
  const noise = noisiest.filter(({ opened: times }) => times > 1);
  return reply(
    `:bell: *The last ${days} days:* alerts began to fire ${times(opened)}`,
    `*Until acknowledged* (MTTA) ${span(toAcknowledge)}`,
    `*Until over* (MTTR) ${span(toResolve)}`,
    `*Over before anybody looked* ${times(unattended)}`,
    `*Pages* ${pages}, ${pagesAtNight} of them between 22:00 and 07:00 (${timeZone})`,
    ...(noise.length === 0 ? [] : ['*Noisiest*']),
    ...noise.map(
      ({ name, opened: count, inAnHour }) => `• ${shown(name)}: ${times(count)}${advice(inAnHour)}`,
    ),
  );
}

function span(took: Took | undefined): string {
  if (took === undefined) return '–';
  return `${readable(took.mean)} on average, ${readable(took.p95)} at the 95th percentile, of ${took.count}`;
}

function times(count: number): string {
  return count === 1 ? 'once' : `${count} times`;
}

function advice(inAnHour: number): string {
  if (inAnHour < flapping) return '';
  return `, ${inAnHour} of them within an hour; a longer \`for\`, or \`keep_firing_for: 15m\`, would make it one`;
}
