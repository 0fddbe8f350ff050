import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Sshd, startSshd } from '../../rehearsal/world/sshd.ts';
import { encode } from '../../src/bot/blocks/action.ts';
import { show, verify } from '../../src/cli/audit.ts';
import { exportOf, faultsOf, readExport } from '../../src/cli/record.ts';
import type { Out } from '../../src/cli/table.ts';
import { describeWith } from '../support/parts.ts';
import { channel, type Slipway, startSlipway } from '../support/slipway.ts';
import { type Crew, crewOf, read } from './acting.ts';
import { phase, planOf, taken } from './plans.ts';

/** Talks until the file `go` is there, and says a password in two pieces. */
const script = `i=0
while [ "$i" -lt 200 ]; do i=$((i+1)); echo "layer $i of 200 is built"; done
printf '%.6s' "$PASSWORD"; sleep 0.2; printf '%s\\n' "$PASSWORD" | cut -c 7-
echo waiting
until [ -e "$1/go" ]; do sleep 0.1; done
echo done
touch "$1/built"`;

describeWith(['local-slack', 'sshd'], 'the output of a step that runs', () => {
  let dir: string;
  let sshd: Sshd;
  let slipway: Slipway;
  let crew: Crew;

  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'slipway-output-'));
    const started = await startSshd({ dir: join(dir, 'sshd') });
    if (started === undefined) throw new Error('sshd is gone');
    sshd = started;
    const { address, port, user, hostKey, privateKey } = sshd.host;
    await writeFile(join(dir, 'key'), privateKey.reveal(), { mode: 0o600 });
    slipway = await startSlipway({
      plan: planOf([
        phase('build', 'Build', [
          {
            id: 'image',
            title: 'The image is built',
            uses: 'ssh/command',
            with: {
              host: 'app',
              run: ['sh', '-c', script.replaceAll('${', '$${'), 'sh', dir],
              check: ['test', '-e', join(dir, 'built')],
              env: { PASSWORD: taken('PASSWORD') },
            },
          },
        ]),
      ]),
      secrets: { PASSWORD: 'correct-horse-battery' },
      hosts: { app: { address, port, user, hostKey, privateKey: { file: join(dir, 'key') } } },
    });
    crew = crewOf(slipway);
  });

  afterAll(async () => {
    await slipway?.stop();
    await sshd?.stop();
    await rm(dir, { recursive: true, force: true });
  });

  const printed = async (work: (out: Out) => Promise<number>) => {
    const texts: string[] = [];
    const code = await work({ write: (text) => texts.push(text) });
    return { code, text: texts.join('') };
  };

  test('is seen in Details while it runs, and all of it is in the file', async () => {
    const { people, workspace } = slipway;

    await crew.deploy('alice', 'production v1');
    await crew.message('The image is built · applying');
    let seen = '';
    for (const end = Date.now() + 20_000; !seen.includes('waiting') && Date.now() < end; ) {
      await crew.press('alice', 'Details', 'The image is built · applying');
      seen = read(await people.waitForModal({ title: 'Details' }));
    }
    await writeFile(join(dir, 'go'), '');
    const card = await crew.card('succeeded');
    await fetch(`${workspace.slack.url}/_control/interact`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        channel: 'C0PRODUCTION',
        messageTs: card.ts,
        user: 'U0ALICE',
        action: {
          type: 'button',
          action_id: 'details.file',
          block_id: 'any',
          value: encode({ run: 'production-1', phase: 'build' }),
        },
      }),
    });
    await crew.message('Details asked for by <@U0ALICE>');
    const [file] = people.files(channel);
    const text = file === undefined ? '' : await people.readFile(file);

    expect(seen).toMatch(/\*Output so far\*, the end of \d{4} characters/);
    expect(seen).toMatch(/layer 200 of 200 is built\n\[secret PASSWORD\]\nwaiting/);
    expect(seen).not.toContain('layer 1 of 200');
    expect(text).toMatch(
      /-- output\nlayer 1 of 200 is built\n[\s\S]*layer 200 of 200 is built\n.*\nwaiting\ndone\n/,
    );
    expect(workspace.gateway.violations).toEqual([]);
  });

  test('stands in the record, which proves it', async () => {
    const { pool } = slipway;

    const short = await printed((out) => show({ out, pool, run: 'production-1', output: false }));
    const long = await printed((out) => show({ out, pool, run: 'production-1', output: true }));
    const verified = await printed((out) => verify({ out, pool }));
    const exported = JSON.stringify(await exportOf(pool, 'production-1'));
    const forged = exported.replace(/layer 7 of 200(?![\s\S]*layer 7 of 200)/, 'layer 9 of 200');
    const found = [exported, forged].map((text) => {
      const record = readExport(text);
      return record === undefined ? 'no record' : faultsOf(record);
    });

    expect(short.text).toContain('see it with --output');
    // The step's own evidence has it too, as the answer to its command.
    expect(short.text.split('layer 7 of 200')).toHaveLength(2);
    expect(long.text.split('layer 7 of 200 is built\n          layer 8 of 200')).toHaveLength(3);
    expect(verified.code).toBe(0);
    expect(found).toEqual([[], ['production-1: the output of build/image is not what it was']]);
  });

  test.each([
    ['a changed letter', `update step_output set text = replace(text, 'layer 7 ', 'layer 9 ')`],
    [
      'a piece too many',
      `insert into step_output select stream, phase, step, fence, try, 99, 'x', at from step_output limit 1`,
    ],
    ['a missing piece', 'delete from step_output where seq = (select max(seq) from step_output)'],
  ])('is found out by %s', async (_, change) => {
    const { pool } = slipway;
    await pool.query('create table before as select * from step_output');
    await pool.query(change);
    const found = await printed((out) => verify({ out, pool }));
    await pool.query(
      'delete from step_output; insert into step_output select * from before; drop table before',
    );

    expect(found).toEqual({ code: 2, text: 'production-1: the output of build/image is not what it was\n' });
    expect(await printed((out) => verify({ out, pool }))).toMatchObject({ code: 0 });
  });

  test('has the secret nowhere', async () => {
    const { rows } = await slipway.pool.query<{ all: string }>(
      `select string_agg(text, '') as all from step_output`,
    );

    expect(rows[0]?.all).toContain('[secret PASSWORD]');
    expect(rows[0]?.all).not.toMatch(/correct|horse/);
    expect(await readFile(join(dir, 'built'), 'utf8')).toBe('');
  });
});
