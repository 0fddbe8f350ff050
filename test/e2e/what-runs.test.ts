import { afterEach, expect, test } from 'vitest';
import { describeWith } from '../support/parts.ts';
import { type Slipway, startSlipway } from '../support/slipway.ts';
import { crewOf, read } from './acting.ts';
import { gate, nothing, phase, planOf, posts, taken } from './plans.ts';
import { startTarget, type Target } from './target.ts';

describeWith('local-slack', 'what runs', () => {
  let slipway: Slipway | undefined;
  let target: Target | undefined;

  afterEach(async () => {
    await slipway?.stop();
    await target?.stop();
    slipway = target = undefined;
  });

  test('is approved anew when whoever asked names another version while it waits', async () => {
    slipway = await startSlipway({
      plan: planOf([
        phase('main', 'Main work', [nothing()], { gate: { approvals: { approvers: 1, oncall: 1 } } }),
      ]),
    });
    const crew = crewOf(slipway);

    await crew.deploy('alice', 'production v1');
    const old = await crew.press('bob', 'Approve', '0 of 2');
    await crew.offered('Approve', '1 of 2');
    await crew.deploy('alice', 'production v2');
    await crew.told('alice', 'now runs v2');
    const anew = await crew.offered('Approve', 'Approvals so far are void');
    await slipway.people.click('carol', old, 'Approve');
    await crew.told('carol', 'has changed since this card was drawn');
    await slipway.people.click('bob', anew, 'Approve');
    await crew.press('carol', 'Approve', '1 of 2');
    const card = await crew.card('succeeded');

    expect(read(anew)).toMatch(/void: .*v1.*v2/);
    expect(read(anew)).toContain('0 of 2');
    expect(read(card)).toContain('v2');
    expect(slipway.workspace.gateway.violations).toEqual([]);
  });

  test('is approved anew when a secret was changed, and the card names it without its value', async () => {
    target = await startTarget();
    const url = `${target.url}/deploy`;
    slipway = await startSlipway({
      plan: planOf([
        phase('one', 'First', [nothing()]),
        phase(
          'two',
          'Second',
          [posts(url, { with: { url, method: 'POST', headers: { authorization: taken('TOKEN') } } })],
          {
            needs: ['one'],
            gate: { approvals: { approvers: 1, oncall: 1 } },
          },
        ),
      ]),
      secrets: { TOKEN: 'old-secret-value' },
    });
    const crew = crewOf(slipway);

    await crew.deploy('alice', 'production v1');
    await crew.press('bob', 'Approve', '0 of 2');
    await crew.offered('Approve', '1 of 2');
    await slipway.restart({ TEST_TOKEN: 'new-secret-value' });
    const anew = await crew.offered('Approve', 'Approvals so far are void');
    await slipway.people.click('bob', anew, 'Approve');
    await crew.press('carol', 'Approve', '1 of 2');
    await crew.card('succeeded');

    expect(read(anew)).toMatch(/void: .*TOKEN/);
    expect(JSON.stringify(slipway.people.messages('production'))).not.toContain('secret-value');
    expect(target.asked).toEqual(['POST /deploy']);
    expect(slipway.workspace.gateway.violations).toEqual([]);
  });

  test('is approved anew when whoever asked asks again after editing the plan', async () => {
    const plan = (title: string) =>
      planOf([phase('main', title, [nothing()], { gate: { approvals: { approvers: 1, oncall: 1 } } })]);
    slipway = await startSlipway({ plan: plan('Main work') });
    const crew = crewOf(slipway);

    await crew.deploy('alice', 'production v1');
    await crew.press('bob', 'Approve', '0 of 2');
    await crew.offered('Approve', '1 of 2');
    await slipway.writePlan(plan('Other work'));
    await crew.deploy('alice', 'production v1');
    const anew = await crew.offered('Approve', 'Other work');
    await slipway.people.click('bob', anew, 'Approve');
    await crew.press('carol', 'Approve', '1 of 2');
    await crew.card('succeeded', 'Other work');

    expect(read(anew)).toMatch(/void: .*plan/);
    expect(read(anew)).toContain('0 of 2');
    expect(slipway.workspace.gateway.violations).toEqual([]);
  });

  test('stays what it was when the plan is edited during the run', async () => {
    target = await startTarget();
    const plan = (path: string) =>
      planOf([phase('main', 'Main work', [posts(`${target?.url}${path}`)], gate())]);
    slipway = await startSlipway({ plan: plan('/as-approved') });
    const crew = crewOf(slipway);

    await crew.deploy('alice', 'production v1');
    await crew.offered('Approve');
    await slipway.writePlan(plan('/edited'));
    await crew.press('bob', 'Approve');
    await crew.card('v1', 'succeeded');
    await crew.deploy('alice', 'production v2');
    await crew.press('bob', 'Approve', 'v2');
    await crew.card('v2', 'succeeded');

    expect(target.asked).toEqual(['POST /as-approved', 'POST /edited']);
    expect(slipway.workspace.gateway.violations).toEqual([]);
  });

  test('goes on by its own copy when the edited plan is no plan any more, and nothing else starts', async () => {
    slipway = await startSlipway({ plan: planOf([phase('main', 'Main work', [nothing()], gate())]) });
    const crew = crewOf(slipway);

    await crew.deploy('alice', 'production v1');
    await crew.offered('Approve');
    await slipway.writePlan({
      name: 'test',
      title: 'Test plan',
      phases: [{ id: 'main', needs: ['nowhere'] }],
    });
    await crew.press('bob', 'Approve');
    await crew.card('v1', 'succeeded');
    await crew.deploy('alice', 'production v2');
    const refusal = await crew.told('alice', 'The plan is not valid');

    expect(read(refusal)).toMatch(/test\.yaml:\d+/);
    expect(read(refusal)).toContain('steps');
    expect(slipway.workspace.gateway.violations).toEqual([]);
  });
});
