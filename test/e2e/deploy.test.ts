import { afterEach, expect, test } from 'vitest';
import { describeWith } from '../support/parts.ts';
import { channel, type Slipway, startSlipway } from '../support/slipway.ts';
import { crewOf, read } from './acting.ts';
import { confirms, gate, looks, nothing, phase, planOf, posts } from './plans.ts';
import { startTarget, type Target } from './target.ts';

describeWith('local-slack', 'a deployment from Slack', () => {
  let slipway: Slipway | undefined;
  let target: Target | undefined;

  afterEach(async () => {
    await slipway?.stop();
    await target?.stop();
    slipway = target = undefined;
  });

  test('runs from the command over an approval and a confirmation to success', async () => {
    const plan = planOf([
      phase('pre', 'Pre-flight', [nothing()]),
      phase('main', 'Main work', [confirms()], { needs: ['pre'], ...gate() }),
    ]);
    slipway = await startSlipway({ plan });
    const crew = crewOf(slipway);

    await crew.deploy('alice', 'production v2.4.1');
    await crew.press('bob', 'Approve', 'Main work');
    const modal = await crew.fillIn('carol', 'Confirm', { answer: 'All green at 03:12.' });
    const card = await crew.card('succeeded');
    const end = await crew.message('2 already as wanted');
    const answer = await crew.message('Answered', 'All green at 03:12.');

    expect(read(modal)).toContain('Is the console green?');
    expect(read(card)).toMatch(/v2\.4\.1.*succeeded/);
    expect(read(card)).toContain('2/2 steps · 100%');
    expect(end.thread_ts).toBe(card.ts);
    expect(answer.thread_ts).toBe(card.ts);
    await crew.settled();
    expect(slipway.workspace.gateway.violations).toEqual([]);
  });

  test('is helped over a failure by Retry', async () => {
    target = await startTarget();
    target.say('/health', { status: 503, text: 'warming up' });
    slipway = await startSlipway({
      plan: planOf([phase('smoke', 'Smoke tests', [looks(`${target.url}/health`)])]),
    });
    const crew = crewOf(slipway);

    await crew.deploy('alice', 'production v1');
    const failure = await crew.offered('Retry');
    target.say('/health', { status: 200 });
    await crew.press('alice', 'Retry');
    const card = await crew.card('succeeded');
    await crew.message('had failed, then succeeded on retry');

    expect(read(failure)).toContain('503');
    expect(read(failure)).toContain('warming up');
    expect(read(failure)).toContain(`127.0.0.1:${target.port}`);
    expect(read(card)).toContain('1/1 steps');
    await crew.settled();
    expect(slipway.workspace.gateway.violations).toEqual([]);
  });

  test('ends as partial success when a failed step is skipped with a reason', async () => {
    target = await startTarget();
    target.say('/health', { status: 500 });
    slipway = await startSlipway({
      plan: planOf([phase('smoke', 'Smoke tests', [looks(`${target.url}/health`)])]),
    });
    const crew = crewOf(slipway);

    await crew.deploy('alice', 'production v1');
    await crew.fillIn('alice', 'Skip', { reason: 'The probe itself is broken, see OPS-12.' });
    await crew.card('partial success');
    const end = await crew.message('1 steps: 0 already as wanted · 0 changed · 1 skipped');

    expect(read(end)).toContain('The probe itself is broken, see OPS-12.');
    await crew.settled();
    expect(slipway.workspace.gateway.violations).toEqual([]);
  });

  test('goes on past a failure that is not critical and ends as partial success', async () => {
    target = await startTarget();
    target.say('/nice-to-have', { status: 404 });
    const plan = planOf([
      phase('extra', 'Extras', [looks(`${target.url}/nice-to-have`)], { critical: false }),
      phase('main', 'Main work', [posts(`${target.url}/deploy`)], { needs: ['extra'] }),
    ]);
    slipway = await startSlipway({ plan });
    const crew = crewOf(slipway);

    await crew.deploy('alice', 'production v1');
    const card = await crew.card('partial success');
    const end = await crew.message('1 changed', '1 failed');

    expect(target.asked).toEqual(['GET /nice-to-have', 'POST /deploy']);
    expect(read(card)).toContain('⚠️ *Extras*');
    expect(read(end)).toContain('404');
    expect(slipway.workspace.gateway.violations).toEqual([]);
  });

  test('is aborted in the middle of a step, which is stopped', async () => {
    target = await startTarget();
    target.say('/slow', 'hang');
    const plan = planOf([
      phase('main', 'Main work', [looks(`${target.url}/slow`, { timeout: '5m' })]),
      phase('after', 'Afterwards', [posts(`${target.url}/never`)], { needs: ['main'] }),
    ]);
    slipway = await startSlipway({ plan });
    const crew = crewOf(slipway);

    await crew.deploy('alice', 'production v1');
    await crew.card('now The app answers');
    const hung = target.hanging();
    await crew.fillIn('alice', 'Abort', { reason: 'Wrong version.' });
    const card = await crew.card('aborted', 'Wrong version.');
    await crew.settled();

    expect(hung).toEqual(['/slow']);
    expect(target.hanging()).toEqual([]);
    expect(target.asked).toEqual(['GET /slow']);
    expect(read(card)).toContain('<@U0ALICE>');
    expect(slipway.people.messages(channel).filter(({ thread_ts }) => thread_ts === undefined)).toHaveLength(
      1,
    );
    expect(slipway.workspace.gateway.violations).toEqual([]);
  });
});
