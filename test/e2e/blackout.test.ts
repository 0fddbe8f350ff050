import { setTimeout as delay } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { describeWith } from '../support/parts.ts';
import { channel, startSlipway } from '../support/slipway.ts';
import { crewOf, read } from './acting.ts';
import { confirms, gate, phase, planOf } from './plans.ts';

const blackoutMs = 120_000;

/** A phase that takes some seconds by the clock. */
function takes(id: string, needs: readonly string[]) {
  const step = { id: 'wait', title: 'Some time', uses: 'wait/for', with: { duration: '5s' } };
  return phase(id, `Phase ${id}`, [step], { needs });
}

describeWith('local-slack', 'two minutes without Slack', () => {
  test('do not stop a run, and afterwards every message shows how it stands, none twice', async () => {
    const plan = planOf([
      phase('first', 'First', [confirms('ready', 'Ready?')], gate()),
      takes('a', ['first']),
      takes('b', ['a']),
      takes('c', ['a']),
      phase('last', 'Last', [confirms('well', 'Is all well?')], { needs: ['b', 'c'] }),
    ]);
    const slipway = await startSlipway({ plan });
    const { people, pool, workspace } = slipway;
    const { gateway } = workspace;
    const crew = crewOf(slipway);
    const phaseStatus = async () => {
      const { rows } = await pool.query<{ phases: Record<string, { status: string }> }>(
        `select state -> 'phases' as phases from streams where id = 'production-1'`,
      );
      return Object.fromEntries(
        Object.entries(rows[0]?.phases ?? {}).map(([id, { status }]) => [id, status]),
      );
    };
    try {
      await crew.deploy('alice', 'production v1');
      await crew.press('bob', 'Approve');
      await crew.fillIn('carol', 'Confirm', { answer: 'Ready.' });
      await crew.card('*Phase a*');

      gateway.goDark();
      await delay(blackoutMs);
      const inTheDark = await phaseStatus();
      const seenInTheDark = people.messages(channel).map(read);
      gateway.light();
      const lightAt = Date.now();
      const ask = await crew.offered('Confirm', 'Is all well?');
      const drawnAfterMs = Date.now() - lightAt;
      await crew.reachable();
      const reachableAfterMs = Date.now() - lightAt;
      await people.click('carol', ask, 'Confirm');
      await people.waitForModal({ timeoutMs: 20_000 });
      await people.submitModal('carol', { answer: 'All is well.' });
      await crew.card('succeeded', '5/5 steps');
      await crew.message('5 already as wanted');
      await crew.settled();

      expect(inTheDark).toEqual({
        first: 'succeeded',
        a: 'succeeded',
        b: 'succeeded',
        c: 'succeeded',
        last: 'paused',
      });
      expect(seenInTheDark.some((text) => text.includes('Is all well?'))).toBe(false);
      expect(drawnAfterMs).toBeLessThan(20_000);
      expect(reachableAfterMs).toBeLessThan(15_000);
      const shown = people.messages(channel).filter(({ ephemeral_to }) => ephemeral_to === undefined);
      const heads = shown.map((message) => read(message).split('\n')[0] ?? '');
      expect(new Set(heads).size).toBe(heads.length);
      expect(heads).toHaveLength(10);
      for (const title of ['First', 'Phase a', 'Phase b', 'Phase c', 'Last']) {
        expect(heads.filter((head) => head.startsWith(`✅ ${title}: done`))).toHaveLength(1);
      }
      expect(gateway.violations).toEqual([]);
    } finally {
      await slipway.stop();
    }
  }, 240_000);
});
