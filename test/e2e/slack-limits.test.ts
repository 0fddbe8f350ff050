import { afterEach, expect, test } from 'vitest';
import { describeWith } from '../support/parts.ts';
import { channel, type Slipway, startSlipway } from '../support/slipway.ts';
import { until } from '../support/until.ts';
import { crewOf, read } from './acting.ts';
import { nothing, phase, planOf } from './plans.ts';

describeWith('local-slack', "Slack's own rate limits", () => {
  let slipway: Slipway | undefined;

  afterEach(async () => {
    await slipway?.stop();
    slipway = undefined;
  });

  test('are never met by a deployment of 100 steps, and every message ends as it should', async () => {
    const ids = Array.from({ length: 10 }, (_, index) => `p${index}`);
    const phases = ids.map((id, index) =>
      phase(
        id,
        `Phase ${index}`,
        Array.from({ length: 10 }, (_, step) => nothing(`s${step}`)),
        {
          needs: index < 4 ? [] : [`p${index - 4}`],
        },
      ),
    );
    slipway = await startSlipway({ plan: planOf(phases), workspace: { limits: 'slack' } });
    const { people, workspace, pool } = slipway;
    const crew = crewOf(slipway);

    await crew.deploy('alice', 'production v1');
    await people.waitForMessage(
      channel,
      (message) => read(message).includes('100 steps: 100 already as wanted'),
      {
        timeoutMs: 90_000,
      },
    );
    await crew.card('succeeded', '100/100 steps · 100%');
    const shown = people.messages(channel).map(read);

    expect(workspace.gateway.stats.rateLimited).toBe(0);
    expect(workspace.gateway.violations).toEqual([]);
    for (const index of ids.keys()) {
      expect(shown.filter((text) => text.startsWith(`✅ Phase ${index}: done`))).toHaveLength(1);
    }
    expect(shown).toHaveLength(12);
    // What was drawn last is noted after Slack has it.
    await until('all is noted as drawn', async () => {
      const { rows } = await pool.query('select id from streams where drawn < version');
      return rows.length === 0;
    });
  }, 120_000);
});
