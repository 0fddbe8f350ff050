import { describe, expect, test } from 'vitest';
import { measuresOf } from '../../src/incidents/measures.ts';
import type { Happening } from '../../src/incidents/record.ts';
import { incidentAfter, minute, noon, resolve, update } from './play-incident.ts';
import { happening, opened, recordOf } from './sample-record.ts';

const seen = happening('alerts', 2, 4, 'Acknowledged', { by: { via: 'slack', id: 'U0BOB' } });
const over = incidentAfter([update('Back.', 'monitoring'), 20], [resolve(), 90]);
const began = noon - 5 * minute + 250;

function inMinutes(happenings: readonly Happening[], incident = over): Record<string, number> {
  const measures = measuresOf(recordOf(happenings, { incident }));
  return Object.fromEntries(Object.entries(measures).map(([name, { ms }]) => [name, ms / minute]));
}

function openedAt(minutes: number, since: unknown, more: Partial<Happening> = {}): Happening {
  return happening('alerts', 1, minutes, 'GroupOpened', { ...opened.data, since }, more);
}

describe('the measures', () => {
  test('go from the start of the first alert to the opening, and from there to the acknowledgement', () => {
    const { detect, acknowledge, mitigate, resolve } = measuresOf(
      recordOf([opened, seen], { incident: over }),
    );

    expect(detect).toEqual({ from: began, to: noon - 3 * minute, ms: 2 * minute - 250 });
    expect(acknowledge).toEqual({ from: noon - 3 * minute, to: noon + 4 * minute, ms: 7 * minute });
    expect(mitigate).toEqual({ from: began, to: noon + 20 * minute, ms: 25 * minute - 250 });
    expect(resolve).toEqual({ from: began, to: noon + 90 * minute, ms: 95 * minute - 250 });
  });

  test('go from the declaring where there is no alert', () => {
    expect(inMinutes([])).toEqual({ mitigate: 20, resolve: 90 });
  });

  test('are absent while it is not over', () => {
    expect(inMinutes([opened], incidentAfter())).toEqual({ detect: 2 - 250 / minute });
  });

  test('take whoever was first: the one who declared, or the alert that opened', () => {
    expect(inMinutes([openedAt(6, '2026-11-22T11:58:00Z')])).toMatchObject({ detect: 2, resolve: 92 });
    expect(
      inMinutes([
        openedAt(-1, '2026-11-22T11:58:00Z'),
        openedAt(-3, '2026-11-22T11:59:00Z', { stream: 'group-2' }),
      ]),
    ).toMatchObject({ detect: 0, resolve: 92 });
  });

  test('tell nothing of detecting by an alert that only began later', () => {
    expect(inMinutes([openedAt(9, '2026-11-22T12:05:00Z')])).toEqual({ mitigate: 20, resolve: 90 });
  });

  test('are never negative where clocks disagree', () => {
    expect(inMinutes([openedAt(-1, '2026-11-22T12:00:30Z')])).toMatchObject({ detect: 0, resolve: 90 });
  });

  test.each([
    ['that is no time', 'yesterday'],
    ['of the first year', '0001-01-01T00:00:00Z'],
    ['of another kind', 7],
  ])('heed no start %s', (_, since) => {
    expect(inMinutes([openedAt(-1, since)])).toEqual({ mitigate: 20, resolve: 90 });
  });

  test('heed only openings that the incident is about', () => {
    const before = openedAt(-900, '2026-11-21T20:00:00Z');
    const earlierSeen = { ...seen, version: 2, at: noon - 800 * minute };
    const meant = happening('alerts', 3, -3, 'GroupOpened', { ...opened.data, round: 2 });
    const incident = { ...over, groups: [{ group: opened.stream, round: 2 }] };

    expect(inMinutes([before, earlierSeen, meant, { ...seen, version: 4 }], incident)).toEqual(
      inMinutes([opened, seen]),
    );
  });
});
