import { afterEach, expect, test } from 'vitest';
import { describeWith } from '../support/parts.ts';
import { channel, type Slipway, startSlipway } from '../support/slipway.ts';
import { crewOf, read } from './acting.ts';
import { gate, looks, phase, planOf, posts, taken } from './plans.ts';
import { startTarget, type Target } from './target.ts';

const nasty = [
  '<!channel> <!here> <@U0BOB> @channel',
  '<http://evil.example|the dashboard> [x](http://evil.example)',
  '```\n*bold* `code` _it_ ~no~ :fire: > quote',
  '\u202Egnp.exe\u202C \u200Bhidden\u2066',
  'x'.repeat(10_000),
].join('\n');

describeWith('local-slack', 'text from outside', () => {
  let slipway: Slipway | undefined;
  let target: Target | undefined;

  afterEach(async () => {
    await slipway?.stop();
    await target?.stop();
    slipway = target = undefined;
  });

  test('is shown and does nothing: what a server answers, what people write, what a plan is titled', async () => {
    target = await startTarget();
    target.say('/health', { status: 500, text: nasty });
    const title = '<!channel> `rm -rf` <http://evil.example|x> \u202Edaer';
    const step = looks(`${target.url}/health`, { title });
    slipway = await startSlipway({
      plan: planOf([phase('main', 'Main <!here> work', [step, posts(`${target.url}/x`)], gate())]),
    });
    const { people, workspace } = slipway;
    const crew = crewOf(slipway);

    await crew.deploy('alice', 'production <!channel>');
    const version = await crew.told('alice', 'A version is');
    await crew.deploy('bob', '<!channel>');
    const unknown = await crew.told('bob', 'not known here');
    await crew.deploy('carol', `lock production ${nasty.slice(0, 2_000)}`);
    const lock = await crew.told('carol', 'is locked by');
    await crew.deploy('carol', 'unlock production');
    await crew.told('carol', 'open again');
    await crew.deploy('alice', 'production v1');
    await crew.press('bob', 'Approve');
    const failure = await crew.offered('Retry');
    await people.click('bob', failure, 'Details');
    const details = await people.waitForModal({ title: 'Details' });
    await people.closeModal('bob');
    await crew.fillIn('alice', 'Skip', { reason: nasty.slice(0, 2_900) });
    await crew.card('partial success');
    await crew.message('1 skipped');

    const shown = [...people.messages(channel), details].map(read).join('\n');
    expect(shown).not.toMatch(/<!(?!date)|<http:\/\/evil|<@U0BOB> @channel|[\u202E\u200B\u2066]/);
    expect(shown).toContain('evil.example');
    expect(read(details)).toContain('slipway audit show');
    for (const message of [version, unknown, lock])
      expect(read(message)).not.toMatch(/<!(?!date)|<http:\/\/evil/);
    expect(workspace.gateway.violations).toEqual([]);
  });

  test('is shown in Details without the secrets that came back in it', async () => {
    target = await startTarget();
    const secret = 'correct-horse-battery';
    target.say('/health', {
      status: 500,
      text: `token=${secret}&b64=${Buffer.from(secret).toString('base64')}`,
    });
    const url = `${target.url}/health`;
    slipway = await startSlipway({
      plan: planOf([
        phase('main', 'Main work', [
          looks(url, { with: { url, headers: { authorization: taken('TOKEN') } } }),
        ]),
      ]),
      secrets: { TOKEN: secret },
    });
    const { people, pool, workspace } = slipway;
    const crew = crewOf(slipway);

    await crew.deploy('alice', 'production v1');
    const failure = await crew.press('carol', 'Details', 'failed at');
    const details = await people.waitForModal({ title: 'Details' });

    expect(read(details)).toContain(`GET ${url}`);
    expect(read(details)).toMatch(/500, \d+ ms/);
    expect(read(details)).toContain('TOKEN');
    for (const shown of [read(details), read(failure)]) expect(shown).not.toContain(secret);
    for (const table of ['streams', 'events', 'evidence', 'plans', 'outbox']) {
      const { rows } = await pool.query(`select * from ${table}`);
      expect(JSON.stringify(rows)).not.toContain(secret);
      expect(JSON.stringify(rows)).not.toContain(Buffer.from(secret).toString('base64'));
    }
    expect(workspace.gateway.violations).toEqual([]);
  });
});
