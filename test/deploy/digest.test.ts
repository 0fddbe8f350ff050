// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the dollar notation is the plan's own.
import { describe, expect, test } from 'vitest';
import { sha256 } from '../../src/canonical.ts';
import { changesBetween, digestOf, fingerprints, namesOf } from '../../src/deploy/digest.ts';
import { Plan } from '../../src/deploy/plan.ts';
import { Secret } from '../../src/secret.ts';

const step = (url: string) => ({ id: 'look', uses: 'http/request', with: { url } });
const plan = Plan.parse({
  name: 'shop',
  title: 'Costs $${5}',
  phases: [
    { id: 'database', title: 'Database', steps: [step('${DATABASE_URL}')] },
    { id: 'smoke', title: 'Smoke', needs: ['database'], steps: [step('${API_URL}/${VERSION}')] },
  ],
  rollback: { high: { phases: [{ id: 'back', title: 'Back', steps: [step('${API_URL}/back')] }] } },
  watch: { for: '7d', every: '10m', steps: [step('${WATCH_URL}')] },
});
const values = {
  DATABASE_URL: new Secret('DATABASE_URL', 'postgres://x'),
  API_URL: 'http://a',
  WATCH_URL: 'http://w',
};
const now = {
  environment: 'production',
  version: 'v1',
  commit: '1'.repeat(40),
  image: `sha256:${'3'.repeat(64)}`,
  plan,
  fingerprints: fingerprints(plan, values, 'key'),
};

describe('the digest of what will run', () => {
  test('covers the parameters of all parts of the plan', () => {
    const names = namesOf(plan);

    expect(names).toEqual(['API_URL', 'DATABASE_URL', 'WATCH_URL']);
  });

  test('shows of each parameter eight hex digits that depend on the key', () => {
    const others = fingerprints(plan, values, 'other key');

    expect(now.fingerprints.DATABASE_URL).toMatch(/^[0-9a-f]{8}$/);
    expect(others.DATABASE_URL).not.toBe(now.fingerprints.DATABASE_URL);
  });

  test('refuses a plan that takes a name without a value', () => {
    const act = () => fingerprints(plan, { API_URL: 'http://a' }, 'key');

    expect(act).toThrow(expect.objectContaining({ code: 'plan-invalid' }));
  });

  test('stays the same for the same plan written in another order', () => {
    const again = { ...now, plan: Object.fromEntries(Object.entries(plan).reverse()) as typeof plan };

    expect(digestOf(again)).toBe(digestOf(now));
  });

  test.each([
    ['version v1 → v2', { version: 'v2' }],
    ['commit 1111111 → 2222222', { commit: '2'.repeat(40) }],
    ['image sha256:333333333333 → sha256:444444444444', { image: `sha256:${'4'.repeat(64)}` }],
    ['environment production → staging', { environment: 'staging' }],
    [
      'parameter DATABASE_URL changed',
      { fingerprints: fingerprints(plan, { ...values, DATABASE_URL: 'postgres://y' }, 'key') },
    ],
    ['plan: phase database changed', { plan: { ...plan, phases: plan.phases.map(retitled('database')) } }],
    ['plan: phase smoke removed', { plan: { ...plan, phases: plan.phases.slice(0, 1) } }],
    ['plan: order of phases changed', { plan: { ...plan, phases: plan.phases.toReversed() } }],
    ['plan: rollback high removed', { plan: { ...plan, rollback: {} } }],
    ['plan: watch changed', { plan: { ...plan, watch: plan.watch && { ...plan.watch, every: 1 } } }],
  ])('changes, and says: %s', (line, change) => {
    const then = { ...now, ...change };

    expect(digestOf(then)).not.toBe(digestOf(now));
    expect(changesBetween(now, then)).toEqual([line]);
  });

  test('is for a version that was not looked up what it was before versions were', () => {
    const { commit: _, image: __, ...rest } = now;

    expect(digestOf(rest)).toBe(sha256(rest));
    expect(changesBetween(rest, now)).toEqual(['commit none → 1111111', 'image none → sha256:333333333333']);
  });

  test('has nothing to say when nothing changed', () => {
    expect(changesBetween(now, structuredClone(now))).toEqual([]);
  });
});

function retitled(id: string) {
  return (phase: Plan['phases'][number]) => (phase.id === id ? { ...phase, title: 'New' } : phase);
}
