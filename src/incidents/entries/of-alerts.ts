import { z } from 'zod';
import { oneLine } from '../../alerts/one-line.ts';
import { because, Count, counted, earlier, Line, named, Person, Short, type Teller, teller } from './tell.ts';

const Actor = z
  .object({ via: z.string(), id: Person, name: Person.optional() })
  .transform(({ via, id, name }) => (via === 'pagerduty' ? `${name ?? id} in PagerDuty` : id));

const By = z.object({ by: Actor });
const AskedSilence = z.object({ silence: By.extend({ number: Count, comment: Line.catch('') }) });

/** How each event of an alert group is told. */
export const alertTellers: Readonly<Record<string, Teller>> = {
  GroupOpened: teller(
    z.object({ routing: z.object({ severity: Short, environment: Short.optional() }) }),
    ({ routing: { severity, environment } }, { happening }) => ({
      what: `${named(happening)} opened, ${severity}${environment === undefined ? '' : ` in ${environment}`}`,
    }),
  ),
  AlertsFired: teller(z.object({ opens: z.boolean(), count: Count }), ({ opens, count }, { happening }) =>
    opens ? undefined : { what: `${named(happening)}: ${counted(count, 'more alert')} fired` },
  ),
  Acknowledged: teller(By, ({ by }, { happening }) => ({ by, what: `${named(happening)} acknowledged` })),
  Unacknowledged: teller(By, ({ by }, { happening }) => ({
    by,
    what: `${named(happening)}: acknowledgement taken back`,
  })),
  Dismissed: teller(By, ({ by }, { happening }) => ({ by, what: `${named(happening)}: page closed` })),
  PageTold: teller(z.object({ status: z.literal('triggered') }), (_, { happening }) => ({
    what: `${named(happening)}: paged through PagerDuty`,
  })),
  PageRefused: teller(z.object({ because: Line }), ({ because: why }, { happening }) => ({
    what: `${named(happening)}: PagerDuty refused the page${because(why)}`,
  })),
  EscalationHurried: teller(By, ({ by }, { happening }) => ({
    by,
    what: `${named(happening)}: escalated now`,
  })),
  Escalated: teller(
    z.object({ step: Count, people: z.array(Person), because: Line.optional() }),
    ({ step, people, because: why }, { happening }) => ({
      what: `${named(happening)}: escalated, step ${step + 1}${because(why)}${people.length > 0 ? '; told' : ''}`,
      ...(people.length > 0 && { whom: people.slice(0, 20) }),
    }),
  ),
  SilenceMade: teller(z.object({ number: Count, until: z.number() }), ({ number, until }, telling) => {
    const asked = earlier(telling, 'SilenceAsked', AskedSilence, ({ silence }) => silence.number === number);
    return {
      ...(asked !== undefined && { by: asked.silence.by }),
      what: `${named(telling.happening)} silenced until ${minuteOf(until)}${because(asked?.silence.comment)}`,
    };
  }),
  SilenceEnded: teller(z.object({ by: Actor.optional() }), ({ by }, { happening }) => ({
    ...(by !== undefined && { by }),
    what: `${named(happening)}: silence ended`,
  })),
  GroupClosed: teller(z.object({ because: Short }), ({ because: why }, { happening }) => ({
    what:
      why === 'gone'
        ? `${named(happening)} closed: Alertmanager no longer has it`
        : `${named(happening)} closed: nothing of it fires any more`,
  })),
};

function minuteOf(at: number): string {
  const date = new Date(at);
  return Number.isNaN(date.getTime())
    ? 'an unknown time'
    : oneLine(`${date.toISOString().slice(0, 16).replace('T', ' ')} UTC`, 40);
}
