import { describe, expect, test } from 'vitest';
import type { Matcher } from '../../src/alerts/group.ts';
import { parseMatchers } from '../../src/alerts/matcher.ts';
import { routingOf } from '../../src/alerts/route.ts';
import type { AlertSettings, Route } from '../../src/alerts/settings.ts';

const day = Date.parse('2026-11-02T12:00:00Z');
const night = Date.parse('2026-11-02T23:00:00Z');

function read(text: string): readonly Matcher[] {
  const found = parseMatchers(text);
  if (!found.ok) throw new Error(found.because);
  return found.matchers;
}

const settings = (...routes: readonly (Partial<Route> & { readonly on?: string })[]): AlertSettings => ({
  routes: routes.map(({ on = '{}', ...rest }, index) => ({
    name: `r${index}`,
    channel: `C0${index}`,
    match: read(on),
    ...rest,
  })),
  severities: { page: 'critical', ticket: 'info' },
  quietHours: {
    nights: { name: 'nights', timeZone: 'UTC', days: [1, 2, 3, 4, 5, 6, 7], from: 22 * 60, to: 7 * 60 },
    never: { name: 'never', timeZone: 'UTC', days: [], from: 0, to: 1 },
  },
  schedules: {},
  policies: { default: [{ wait: 300_000, tell: { group: 'oncall' } }], nobody: [] },
  flapping: { episodes: 4, within: 3_600_000 },
  relateWithin: 1_800_000,
  may: { respond: [], silence: [] },
  endSilences: true,
});

const about = (labels: Record<string, string> = {}) => ({ source: 'main', receiver: 'web.hook', labels });

describe('a route', () => {
  test.each([
    [{ team: 'db' }, 'r0'],
    [{ team: 'db', tier: '1' }, 'r0'],
    [{ tier: '1' }, 'r1'],
    [{ source: 'own label', tier: '2' }, 'r3'],
    [{}, 'r2'],
    [{ receiver: 'own label' }, 'r3'],
  ])('is the first whose matchers hold for %j', (labels, expected) => {
    const rules = settings(
      { on: 'team="db"' },
      { on: 'tier="1"' },
      { on: 'source="main",receiver=~"web\\.hook"' },
      {},
    );

    const { routing } = routingOf(rules, about(labels), day);

    expect(routing.route).toBe(expected);
  });

  test('says where a group goes, whom it pages and how long its policy waits', () => {
    const rules = settings({ page: 'main', policy: 'default', environment: 'production', quiet: ['nights'] });

    expect(routingOf(rules, about({ severity: 'error' }), day)).toEqual({
      routing: {
        route: 'r0',
        channel: 'C00',
        severity: 'error',
        page: 'main',
        policy: 'default',
        environment: 'production',
      },
      escalateAfter: 300_000,
    });
  });

  test('neither pages nor escalates in quiet hours, and names them', () => {
    const rules = settings({ page: 'main', policy: 'default', environment: 'x', quiet: ['never', 'nights'] });

    expect(routingOf(rules, about({ severity: 'error' }), night)).toEqual({
      routing: { route: 'r0', channel: 'C00', severity: 'error', environment: 'x', quiet: 'nights' },
    });
  });

  test.each([[{ severity: 'critical' }], [{ severity: 'Page' }]])(
    'pages for what is critical at any hour: %j',
    (labels) => {
      const rules = settings({ page: 'main', policy: 'default', quiet: ['nights'] });

      const { routing, escalateAfter } = routingOf(rules, about(labels), night);

      expect(routing).toMatchObject({ severity: 'critical', page: 'main', policy: 'default' });
      expect(routing.quiet).toBeUndefined();
      expect(escalateAfter).toBe(300_000);
    },
  );

  test('has no wait for a policy without steps', () => {
    expect(routingOf(settings({ policy: 'nobody' }), about(), day)).not.toHaveProperty('escalateAfter');
  });

  test('must exist', () => {
    expect(() => routingOf(settings({ on: 'team="db"' }), about(), day)).toThrow(RangeError);
  });
});

describe('the severity', () => {
  test.each([
    ['critical', 'critical'],
    [' CRITICAL ', 'critical'],
    ['error', 'error'],
    ['info', 'info'],
    ['page', 'critical'],
    ['ticket', 'info'],
    ['fatal', 'critical'],
    ['high', 'critical'],
    ['warn', 'warning'],
    ['none', 'info'],
    ['major', 'error'],
    ['whatever', 'warning'],
    ['', 'warning'],
    ['constructor', 'warning'],
    ['__proto__', 'warning'],
  ])('%s is %s', (label, expected) => {
    expect(routingOf(settings({}), about({ severity: label }), day).routing.severity).toBe(expected);
  });

  test('is the warning that it seems to be when nothing is said', () => {
    expect(routingOf(settings({}), about(), day).routing.severity).toBe('warning');
  });

  test('is that of the route, if it has one', () => {
    const rules = settings({ severity: 'info' });

    expect(routingOf(rules, about({ severity: 'critical' }), day).routing.severity).toBe('info');
  });
});
