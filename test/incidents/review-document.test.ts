import fc from 'fast-check';
import MarkdownIt from 'markdown-it';
import { describe, expect, test } from 'vitest';
import type { IncidentRecord } from '../../src/incidents/record.ts';
import { reviewDocument } from '../../src/incidents/review-document.ts';
import { timelineOf } from '../../src/incidents/timeline.ts';
import { course, records } from './any-record.ts';
import { applied, decided, declaring, incidentAfter, noon } from './play-incident.ts';
import { happening, happeningsOf, opened, recordOf } from './sample-record.ts';

const options = {
  zone: 'Europe/Berlin',
  names: (id: string) => `${id.slice(2, 3)}${id.slice(3).toLowerCase()}`,
};

/** An incident that was declared, told of, resolved and reviewed a minute after another. */
function wholeRecord(): IncidentRecord {
  let state: ReturnType<typeof applied>;
  const events = [declaring, ...course].flatMap((command, minutes) => {
    const decision = decided(state, command, minutes);
    state = applied(state, decision);
    return decision.ok ? decision.events : [];
  });
  return recordOf(
    [
      ...happeningsOf('incident', events),
      opened,
      happening('alerts', 2, -3, 'AlertsFired', { opens: true, count: 2 }),
      happening('alerts', 3, 1.5, 'AlertsFired', { opens: false, count: 1 }),
      happening('alerts', 4, 6.5, 'GroupClosed', { because: 'resolved' }),
      happening('walkthrough', 1, 2.5, 'RunbookOpened', { by: 'U0BOB' }),
      happening('walkthrough', 2, 2.75, 'Ticked', { by: 'U0BOB', task: 't1', finding: '98 of 100' }),
    ],
    {
      incident: incidentAfter(...course),
      before: [
        {
          run: 'deployment-1',
          environment: 'production',
          version: 'v2',
          phase: 'Ship',
          at: noon - 600_000,
          by: 'U0ALICE',
        },
      ],
    },
  );
}

const wanted = `# Review of incident 12: Payments fail

- Severity: high
- Declared: 2026-11-22 12:00:00 UTC (13:00:00 Europe/Berlin) by Alice
- Resolved: 2026-11-22 12:06:00 UTC (13:06:00 Europe/Berlin) by Carol
- Roles: commander: Carol
- Review due: 2026-11-23 12:06:00 UTC (13:06:00 Europe/Berlin)
- Review done: 2026-11-22 12:10:00 UTC (13:10:00 Europe/Berlin) by Bob

## Summary

- First: 2026-11-22 12:01:00 UTC (13:01:00 Europe/Berlin): Update, now identified: The pool is full. (Carol)
- Last: 2026-11-22 12:06:00 UTC (13:06:00 Europe/Berlin): Resolved: v2 was rolled back. (Carol)

## Impact

- PaymentsFail: critical, production, 3 alerts, from 2026-11-22 11:55:00 UTC (12:55:00 Europe/Berlin) to 2026-11-22 12:06:30 UTC (13:06:30 Europe/Berlin)

Environments: production

_Who noticed what, how many of them, and for how long?_

## Measures

| Measure | Span | From | To |
| --- | --- | --- | --- |
| Time to detect | 2 min | 2026-11-22 11:55:00 UTC (12:55:00 Europe/Berlin) | 2026-11-22 11:57:00 UTC (12:57:00 Europe/Berlin) |
| Time to acknowledge | not known |  |  |
| Time to mitigate | 10 min | 2026-11-22 11:55:00 UTC (12:55:00 Europe/Berlin) | 2026-11-22 12:05:00 UTC (13:05:00 Europe/Berlin) |
| Time to resolve | 11 min | 2026-11-22 11:55:00 UTC (12:55:00 Europe/Berlin) | 2026-11-22 12:06:00 UTC (13:06:00 Europe/Berlin) |

## Timeline

- 2026-11-22 11:57:00 UTC (12:57:00 Europe/Berlin) PaymentsFail opened, critical in production
- 2026-11-22 12:00:00 UTC (13:00:00 Europe/Berlin) Incident declared as high: Payments fail (Alice)
- 2026-11-22 12:01:00 UTC (13:01:00 Europe/Berlin) Update, now identified: The pool is full. (Carol)
- 2026-11-22 12:01:30 UTC (13:01:30 Europe/Berlin) PaymentsFail: 1 more alert fired
- 2026-11-22 12:02:00 UTC (13:02:00 Europe/Berlin) Text for the status page proposed: Payments fail. (Carol)
- 2026-11-22 12:02:30 UTC (13:02:30 Europe/Berlin) Runbook Payments fail opened (Bob)
- 2026-11-22 12:02:45 UTC (13:02:45 Europe/Berlin) Runbook Payments fail: done: Look at the pool; found: 98 of 100 (Bob)
- 2026-11-22 12:03:00 UTC (13:03:00 Europe/Berlin) Text 1 for the status page approved (Bob)
- 2026-11-22 12:04:00 UTC (13:04:00 Europe/Berlin) Told on the status page: Payments fail.
- 2026-11-22 12:05:00 UTC (13:05:00 Europe/Berlin) Update, now monitoring: Rolled back. (Carol)
- 2026-11-22 12:05:00 UTC (13:05:00 Europe/Berlin) Mitigated (Carol)
- 2026-11-22 12:06:00 UTC (13:06:00 Europe/Berlin) Resolved: v2 was rolled back. (Carol)
- 2026-11-22 12:06:30 UTC (13:06:30 Europe/Berlin) PaymentsFail closed: nothing of it fires any more
- 2026-11-22 12:07:00 UTC (13:07:00 Europe/Berlin) Action 1, due 2026-11-29: Alert before the pool is full, for Dan (Carol)
- 2026-11-22 12:08:00 UTC (13:08:00 Europe/Berlin) Action 2, due 2026-12-01: Write it down, for Bob (Carol)
- 2026-11-22 12:09:00 UTC (13:09:00 Europe/Berlin) Action 2 done (Bob)
- 2026-11-22 12:10:00 UTC (13:10:00 Europe/Berlin) Review done (Bob)

## What changed before

- 2026-11-22 11:50:00 UTC (12:50:00 Europe/Berlin) production v2: Ship, asked for by Alice (run deployment-1)

## Runbooks

- 2026-11-22 12:02:30 UTC (13:02:30 Europe/Berlin) Runbook Payments fail opened (Bob)
- 2026-11-22 12:02:45 UTC (13:02:45 Europe/Berlin) Runbook Payments fail: done: Look at the pool; found: 98 of 100 (Bob)

## Told outside

- 2026-11-22 12:02:00 UTC (13:02:00 Europe/Berlin) identified, sent: Payments fail. (Carol, decided by Bob)

## What went well

_What helped, and should be kept?_

## What did not go well

_What was slow, missing or misleading, and why did it make sense then?_

## Where we were lucky

_What could have made it worse, and did not by chance?_

## Actions

- [ ] 1. Alert before the pool is full (Dan, due 2026-11-29)
- [x] 2. Write it down (Bob, due 2026-12-01, done 2026-11-22 12:09:00 UTC (13:09:00 Europe/Berlin) by Bob)
`;

describe('the document of a review', () => {
  test('tells from the record what is known, and asks what only people know', () => {
    expect(reviewDocument(wholeRecord(), options)).toBe(wanted);
  });

  test('of an incident of which nothing is known but that it was declared says so', () => {
    const document = reviewDocument(recordOf([]), { ...options, zone: 'UTC' });

    expect(document).toContain('- Status: investigating');
    expect(document).toContain('- Declared: 2026-11-22 12:00:00 UTC by Alice');
    expect(document).toContain('No alert is linked.');
    expect(document).toContain('| Time to resolve | not known |');
    expect(document).toContain('The record knows of nothing.');
    expect(document).toContain('No runbook was opened.');
    expect(document).toContain('Nothing was told on the status page.');
    expect(document).toContain('No action was agreed.');
  });

  test('shows the day of the zone where it is another', () => {
    const late = recordOf([happening('incident', 1, 11 * 60 + 30, 'Mitigated', { by: 'U0BOB' })]);

    expect(reviewDocument(late, options)).toContain(
      '- 2026-11-22 23:30:00 UTC (2026-11-23 00:30:00 Europe/Berlin) Mitigated (Bob)',
    );
  });

  test('names whoever has no name by the id, and asks no name of what is no id', () => {
    const record = recordOf([
      happening('incident', 1, 1, 'Mitigated', { by: 'U0BOB' }),
      happening('alerts', 1, 2, 'Acknowledged', { by: { via: 'pagerduty', id: 'P1', name: 'Paula <b>' } }),
    ]);
    const asked: string[] = [];
    const document = reviewDocument(record, {
      zone: 'UTC',
      names: (id) => {
        asked.push(id);
        return '';
      },
    });

    expect(document).toContain('Mitigated (U0BOB)');
    expect(document).toContain('acknowledged (Paula &lt;b&gt; in PagerDuty)');
    expect(new Set(asked)).toEqual(new Set(['U0ALICE', 'U0CAROL', 'U0BOB']));
  });

  test('is refused for a zone that no clock shows', () => {
    expect(() => reviewDocument(recordOf([]), { ...options, zone: 'Europe/Atlantis' })).toThrow(RangeError);
  });
});

/** The kinds of what a reader of Markdown sees, with what stands on each line of lists. */
function seenIn(document: string) {
  const tokens = new MarkdownIt({ html: true })
    .parse(document, {})
    .flatMap((token) => [token, ...(token.children ?? [])]);
  return {
    tokens,
    has: (...kinds: readonly string[]) => tokens.filter(({ type }) => kinds.includes(type)).length,
  };
}

describe('whatever stands in a record', () => {
  const property = (check: (record: IncidentRecord, document: string) => void) =>
    fc.assert(
      fc.property(records, (record) => check(record, reviewDocument(record, options))),
      { numRuns: 150 },
    );

  test('the timeline has a line for each entry, in their order', () => {
    property((record, document) => {
      const [, rest = ''] = document.split('\n## Timeline\n\n');
      const [timeline = ''] = rest.split('\n\n## ');
      const lines = timeline.split('\n').filter((line) => line.startsWith('- '));

      expect(lines).toHaveLength(timelineOf(record).length);
      expect(timeline.split('\n').length).toBe(Math.max(1, lines.length));
    });
  });

  test('no text from outside is markup or a section of its own', () => {
    property((_, document) => {
      const { has } = seenIn(document);

      expect(has('heading_open')).toBe(12);
      expect(has('em_open')).toBe(4);
      expect(has('table_open')).toBe(1);
      expect(has('tr_open')).toBe(5);
      expect(has('td_open')).toBe(16);
      expect(
        has('html_block', 'html_inline', 'link_open', 'image', 'code_inline', 'code_block', 'fence', 'hr'),
      ).toBe(0);
      expect(
        has('blockquote_open', 'strong_open', 's_open', 'ordered_list_open', 'hardbreak', 'softbreak'),
      ).toBe(0);
    });
  });

  test('no control, hidden mark or mention of everybody comes through', () => {
    property((_, document) => {
      expect(document).not.toMatch(/[^\P{Cc}\n]|[\u202a-\u202e\u2066-\u2069]/u);
      expect(document.isWellFormed()).toBe(true);
      expect(document).not.toMatch(/<|(?<!\\)@/);
    });
  });
});
