import { afterAll, beforeAll, expect, test } from 'vitest';
import { describeWith } from '../support/parts.ts';
import { channel, type Slipway, startSlipway } from '../support/slipway.ts';
import { type Crew, crewOf, read } from './acting.ts';
import { confirms, gate, looks, phase, planOf, posts } from './plans.ts';
import { startTarget, type Target } from './target.ts';

describeWith('local-slack', '/deploy', () => {
  let slipway: Slipway;
  let target: Target;
  let crew: Crew;

  beforeAll(async () => {
    target = await startTarget();
    const plan = planOf([
      phase(
        'main',
        'Main work',
        [looks(`${target.url}/health`), posts(`${target.url}/deploy`), confirms()],
        gate(),
      ),
    ]);
    slipway = await startSlipway({ plan });
    crew = crewOf(slipway);
  });

  afterAll(async () => {
    await slipway?.stop();
    await target?.stop();
  });

  const shownToAll = () =>
    slipway.people.messages(channel).filter(({ ephemeral_to }) => ephemeral_to === undefined);

  test('help tells only the asker what can be typed', async () => {
    await crew.deploy('bob', 'help');
    const help = await crew.told('bob', 'What you can type');

    for (const word of ['plan', 'status', 'history', 'rollback', 'abort', 'lock', 'unlock']) {
      expect(read(help)).toContain(`/deploy ${word}`);
    }
    expect(shownToAll()).toEqual([]);
  });

  test('answers a word it does not know with what was probably meant', async () => {
    await crew.deploy('bob', 'prodction');
    await crew.deploy('bob', 'status stagging');
    const near = await crew.told('bob', 'Did you mean');
    const other = await crew.told('bob', 'stagging');

    expect(read(near)).toContain('/deploy production');
    expect(read(other)).toContain('not known here');
    expect(shownToAll()).toEqual([]);
  });

  test('refuses a version that is none', async () => {
    await crew.deploy('alice', 'production v1;rm -rf /');
    const refusal = await crew.told('alice', 'A version is');

    expect(read(refusal)).toContain('/deploy production v2.4.1');
    expect(shownToAll()).toEqual([]);
  });

  test('plan shows what would run and then what every check finds, and changes nothing', async () => {
    target.say('/health', { status: 503 });

    await crew.deploy('bob', 'plan production v9');
    const plan = await crew.told('bob', 'Main work', '1 from approvers');
    const dry = await crew.told('bob', 'Dry run');
    target.say('/health', { status: 200 });

    expect(read(plan)).toContain('v9');
    expect(read(dry)).toContain('1 problems, 1 would change, 1 would ask people');
    expect(read(dry)).toContain('503');
    expect(target.asked).toEqual(['GET /health']);
    expect(shownToAll()).toEqual([]);
  });

  test('status and history say so when nothing has happened yet', async () => {
    await crew.deploy('bob', 'status');
    await crew.deploy('bob', 'history production');

    await crew.told('bob', 'Nothing is being deployed');
    await crew.told('bob', 'Nothing was ever deployed');
  });

  test('lock keeps others out, with owner, reason and end, and unlock opens again', async () => {
    await crew.deploy('bob', 'lock production 2h moving the database');
    const own = await crew.told('bob', 'is locked by');
    await crew.deploy('alice', 'production v1');
    const refusal = await crew.told('alice', 'The environment is locked');
    await crew.deploy('carol', 'lock production mine');
    await crew.told('carol', 'The environment is locked');
    await crew.deploy('carol', 'status production');
    const status = await crew.told('carol', 'is locked by', 'moving the database');
    await crew.deploy('bob', 'unlock production');
    await crew.told('bob', 'open again');

    expect(read(own)).toMatch(/<@U0BOB>.*until \d{4}-.*moving the database/);
    expect(read(refusal)).toMatch(/<@U0BOB>.*moving the database/);
    expect(read(status)).toContain('Nothing is being deployed');
  });

  test('a lock ends by itself', async () => {
    await crew.deploy('bob', 'lock production 1s short');
    await crew.told('bob', 'short');
    await new Promise((elapsed) => setTimeout(elapsed, 1_200));
    await crew.deploy('alice', 'unlock production');

    await crew.told('alice', 'The environment is not locked.');
  });

  test('refuses whoever lacks the right, and tells them alone', async () => {
    await crew.deploy('bob', 'production v1');
    const refusal = await crew.told('bob', 'right to deploy');

    expect(read(refusal)).toContain('not in a group');
    expect(shownToAll()).toEqual([]);
  });

  test('tells a second asker who holds the environment and since when, and status and history follow', async () => {
    await crew.deploy('alice', 'production v1.2.3');
    await crew.offered('Approve');
    await crew.deploy('carol', 'production v2');
    const busy = await crew.told('carol', 'holds', 'v1.2.3');
    await crew.deploy('carol', 'status');
    const status = await crew.told('carol', 'waiting for people');
    await crew.press('bob', 'Approve');
    await crew.fillIn('carol', 'Confirm', { answer: 'Green.' });
    await crew.card('succeeded');
    await crew.deploy('carol', 'history');
    const history = await crew.told('carol', 'Last deployments');

    expect(read(busy)).toMatch(
      /<@U0ALICE> holds \*production\* with v1\.2\.3 since \d{4}-\d\d-\d\d \d\d:\d\d UTC/,
    );
    expect(read(busy)).toMatch(/<http[^>]+\|Look at it>/);
    expect(read(status)).toContain('approvals, 0 of 1 from approvers');
    expect(read(history)).toMatch(/v1\.2\.3.*succeeded.*<@U0ALICE>/);
  });

  test('abort asks for the reason, and says so when there is nothing to abort', async () => {
    await crew.deploy('alice', 'abort production');
    await crew.told('alice', 'Nothing is being deployed to production.');
    await crew.deploy('alice', 'production v3');
    await crew.offered('Approve', 'v3');
    await crew.deploy('alice', 'abort');
    await slipway.people.waitForModal({ title: 'Abort' });
    await slipway.people.submitModal('alice', { reason: 'Changed my mind.' });

    await crew.card('v3', 'aborted', 'Changed my mind.');
  });

  test('has sent nothing that Slack would refuse', () => {
    expect(slipway.workspace.gateway.violations).toEqual([]);
  });
});
