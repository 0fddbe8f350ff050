import fc from 'fast-check';
import type { Happening, IncidentRecord } from '../../src/incidents/record.ts';
import {
  addAction,
  approve,
  bob,
  completeAction,
  completeReview,
  incidentAfter,
  noon,
  noticeSent,
  propose,
  resolve,
  update,
} from './play-incident.ts';
import { recordOf } from './sample-record.ts';

/** What happens to an incident until its review is done. */
export const course = [
  update('The pool is full.', 'identified'),
  propose('Payments fail.'),
  approve(),
  noticeSent(),
  update('Rolled back.', 'monitoring'),
  resolve('v2 was rolled back.'),
  addAction(),
  addAction({ title: 'Write it down', owner: 'U0BOB', due: '2026-12-01' }),
  completeAction(2, bob),
  completeReview(bob),
];

const nasty = fc.oneof(
  fc
    .array(
      fc.constantFrom(
        ...[
          '\n',
          '\r\n',
          '\u2028',
          '\t',
          ' ',
          'a',
          '1. ',
          '7) ',
          '- ',
          '+ ',
          '* ',
          '# ',
          '> ',
          '---',
          '===',
          '|',
        ],
        ...[
          '\\',
          '`',
          '```',
          '~~~',
          '**',
          '__',
          '_a_',
          '~~',
          '<b>',
          '<!-- ',
          '-->',
          '<https://x.example>',
          '</li>',
        ],
        ...[
          '[x](javascript:alert)',
          '![i](https://x.example/i.png)',
          '[x]: https://x.example',
          '&lt;',
          '&#10;',
        ],
        ...[
          '<!channel>',
          '<@U0BOB>',
          '<https://x.example|y>',
          '@team',
          '$x$',
          '\u202e',
          '\u0000',
          '\ud800',
          '    x',
        ],
      ),
      { maxLength: 6 },
    )
    .map((parts) => parts.join('')),
  fc.string({ maxLength: 40, unit: 'binary' }),
);
const person = fc.oneof(fc.constantFrom('U0BOB', 'U0CAROL'), nasty);
const count = fc.nat(5);

/** Whatever an event may have for members: those of every type at once, of which some are of no use. */
const data = fc.record(
  {
    ...{
      by: fc.oneof(
        person,
        fc.record({ via: fc.constantFrom('slack', 'pagerduty'), id: person, name: nasty }),
      ),
    },
    ...{
      text: nasty,
      title: nasty,
      severity: nasty,
      status: fc.constantFrom('monitoring', 'triggered'),
      name: nasty,
    },
    ...{
      person,
      role: nasty,
      group: nasty,
      run: nasty,
      because: nasty,
      reason: nasty,
      finding: nasty,
      where: nasty,
    },
    ...{
      phase: nasty,
      step: fc.oneof(nasty, count),
      task: nasty,
      part: nasty,
      number: count,
      count,
      round: count,
    },
    ...{ outcome: fc.constantFrom('failed', 'changed', 'succeeded', 'applying'), kind: nasty, ts: nasty },
    ...{
      opens: fc.boolean(),
      waits: fc.boolean(),
      people: fc.array(person),
      until: fc.double(),
      since: nasty,
    },
    pin: fc.record({ ts: nasty, at: fc.double(), author: person, text: nasty }),
    action: fc.record({ number: count, title: nasty, owner: person, due: nasty, by: person }),
    notice: fc.record({ number: count, text: nasty, by: person }),
    routing: fc.record({ severity: nasty, environment: nasty }),
  },
  { requiredKeys: ['by', 'text', 'title', 'phase', 'task'] },
);

const types = {
  incident: [
    'IncidentDeclared',
    'Updated',
    'Renamed',
    'RoleAssigned',
    'IncidentResolved',
    'MessagePinned',
    'ActionAdded',
  ],
  alerts: [
    'GroupOpened',
    'AlertsFired',
    'Acknowledged',
    'Escalated',
    'SilenceMade',
    'PageRefused',
    'GroupClosed',
  ],
  walkthrough: ['RunbookOpened', 'Ticked', 'StepAsked', 'StepReported', 'Remarked'],
  deployment: [
    'RunRequested',
    'Approved',
    'PhaseFailed',
    'StepFailed',
    'RunHeld',
    'StopRequested',
    'RunEnded',
  ],
} as const satisfies Record<Happening['kind'], readonly string[]>;

const happenings = fc.array(
  fc
    .constantFrom('incident' as const, 'alerts' as const, 'walkthrough' as const, 'deployment' as const)
    .chain((kind) =>
      fc.record({
        kind: fc.constant(kind),
        type: fc.oneof(
          { weight: 9, arbitrary: fc.constantFrom(...types[kind]) },
          { weight: 1, arbitrary: nasty },
        ),
        stream: fc.constantFrom('group-0123456789abcdef', 'deployment-1', 'walk-1'),
        name: nasty,
        version: fc.nat(50),
        at: fc.oneof(fc.integer({ min: noon, max: noon + 86_400_000 }), fc.double({ noNaN: true })),
        data,
      }),
    ),
  { maxLength: 25 },
);

/** Any record of an incident, with texts of which each tries to be more than a text. */
export const records: fc.Arbitrary<IncidentRecord> = fc
  .record({ happenings, title: nasty, text: nasty, owner: person, due: nasty, by: person, place: nasty })
  .map(({ happenings, title, text, owner, due, by, place }) => {
    const incident = incidentAfter(...course);
    return recordOf(happenings, {
      incident: {
        ...incident,
        title,
        roles: { commander: by, scribe: owner },
        actions: incident.actions.map((action) => ({ ...action, title, owner, due })),
        notices: incident.notices.map((notice) => ({ ...notice, text, by })),
      },
      before: [{ run: text, environment: place, version: title, phase: place, at: noon, by }],
    });
  });
