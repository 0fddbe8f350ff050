import pg from 'pg';
import { expect, test } from 'vitest';
import { Secret } from '../../src/secret.ts';
import { faultsOf, runnable } from '../runbooks-work/run-commands.ts';
import { applyStep, checkStep, patient, type StepSite } from '../runbooks-work/run-steps.ts';
import { type RunbookCommand, type RunbookStep, runbookFiles } from '../runbooks-work/runbook-files.ts';
import type { WholeHost } from './whole-host.ts';

/** Tests that try the runbooks on a host to which SoftFactory has been deployed; all but the first two change the host. */
export function testRunbooks(wholeHost: () => WholeHost): void {
  const tried = new Set<string>();

  const site = (): StepSite => {
    const { settings, debian } = wholeHost();
    const secrets = Object.entries(settings.secrets).map(([name, value]) => [name, new Secret(name, value)]);
    return {
      values: { ...settings.variables, ...Object.fromEntries(secrets) },
      hosts: { app: debian.host },
    };
  };

  /** Runs the commands that mend, of one runbook and with a text in them, that no test before has run. */
  const mend = async (runbook?: string, holds = '') => {
    const faults = [];
    const before = tried.size;
    for (const one of await commandsUnder('Mitigation')) {
      const isMeant = (runbook === undefined || one.runbook === runbook) && one.script.includes(holds);
      if (!isMeant || tried.has(one.script)) continue;
      tried.add(one.script);
      faults.push(...(await faultsOf(wholeHost().debian.host, [one])));
    }
    expect(tried.size).toBeGreaterThan(before);
    expect(faults).toEqual([]);
  };

  test('every command for a diagnosis ends well where all is well', async () => {
    const commands = await commandsUnder('Diagnosis');

    const faults = await faultsOf(wholeHost().debian.host, commands, 4);

    expect(commands.length).toBeGreaterThan(30);
    expect(faults).toEqual([]);
  }, 600_000);

  test('every step for a diagnosis is satisfied where all is well', async () => {
    const steps = await stepsThat((section) => section === 'Diagnosis');

    const faults = await Promise.all(steps.map((step) => checkStep(patient(step), site())));

    expect(steps.length).toBeGreaterThan(15);
    expect(faults.flat()).toEqual([]);
  }, 600_000);

  test('every step that mends does what it says', async () => {
    const steps = await stepsThat((section) => section !== 'Diagnosis');

    const faults = [];
    for (const step of steps) faults.push(...(await applyStep(patient(step), site())));

    expect(steps.length).toBeGreaterThan(5);
    expect(faults).toEqual([]);
  }, 600_000);

  test('a restart of the API gives a new process that serves', async () => {
    const process = () => wholeHost().debian.shell('systemctl show softfactory --property=MainPID');
    const before = await process();

    await mend('api-down', 'systemctl restart softfactory');

    expect(await process()).not.toBe(before);
    expect(await health(wholeHost())).toMatchObject({ status: 'ok' });
  }, 600_000);

  test('a transaction that was left open is ended, and the one of the backup is not', async () => {
    const { POSTGRES_URL = '' } = wholeHost().settings.secrets;
    const forgotten = await leftOpen(POSTGRES_URL, 'shop');
    const backup = await leftOpen(POSTGRES_URL, 'psql');

    await mend('database-trouble', 'idle in transaction');
    const alive = [await forgotten.isAlive(), await backup.isAlive()];
    await Promise.all([forgotten.end(), backup.end()]);

    expect(alive).toEqual([false, true]);
  }, 600_000);

  test('Redis gets more memory, and gives up what expires soonest', async () => {
    const redis = (words: string) =>
      wholeHost().debian.shell(
        `REDISCLI_AUTH=$(sed -n 's/^requirepass //p' /etc/redis/slipway.conf) redis-cli -e config ${words}`,
      );
    await redis('set maxmemory 100mb maxmemory-policy noeviction');

    await mend('redis-memory', 'config set');

    expect(await redis('get maxmemory')).toBe('maxmemory\n1073741824\n');
    expect(await redis('get maxmemory-policy')).toBe('maxmemory-policy\nvolatile-ttl\n');
  }, 600_000);

  test('a rollback by hand brings another version', async () => {
    const before = await health(wholeHost());

    await mend('rollback', 'checkout');

    expect(before).toMatchObject({ version: '2.0.0' });
    expect(await health(wholeHost())).toMatchObject({ status: 'ok', version: '2.1.0' });
  }, 600_000);

  test('the restored database has the rows of the dump and nothing that came after it', async () => {
    const { debian } = wholeHost();
    const ask = (sql: string) =>
      debian.shell(`cd / && runuser -u postgres -- psql -XAtq softfactory -c "${sql}"`);
    const users = await ask('select count(*) from users');
    await ask("insert into feature_flags (name) values ('after-the-dump')");

    await mend('disaster-recovery');

    expect(await ask('select count(*) from users')).toBe(users);
    expect(await ask('select count(*) from feature_flags')).toBe('0\n');
    expect(await health(wholeHost())).toMatchObject({ status: 'ok' });
  }, 600_000);

  test('every other command that mends ends well', () => mend(), 600_000);
}

/** The commands of all runbooks under a heading that the host can run. */
async function commandsUnder(heading: string): Promise<readonly RunbookCommand[]> {
  const all = (await runbookFiles()).flatMap(({ commands }) => commands);
  return runnable(all).filter(({ section }) => section === heading);
}

/** The steps of all runbooks under some headings, each text once. */
async function stepsThat(isWanted: (section: string) => boolean): Promise<readonly RunbookStep[]> {
  const all = (await runbookFiles()).flatMap(({ steps }) => steps);
  const wanted = all.filter(({ section }) => isWanted(section));
  return [...new Map(wanted.map((one) => [JSON.stringify([one.uses, one.with]), one])).values()];
}

/** What the API says of itself, once it answers at all. */
async function health({ debian }: WholeHost): Promise<unknown> {
  const asking =
    'import urllib.request as r; print(r.urlopen("http://127.0.0.1:8000/api/health", timeout=9).read().decode())';
  const answer = await debian.shell(
    `for try in $(seq 60); do python3 -c '${asking}' 2>/dev/null && exit; sleep 1; done; exit 1`,
  );
  return JSON.parse(answer);
}

/** A session that began a transaction and does nothing. */
async function leftOpen(url: string, name: string) {
  const client = new pg.Client({ connectionString: url, application_name: name });
  // The server ends it; that is what is looked for.
  client.on('error', () => {});
  await client.connect();
  await client.query('begin');
  return {
    isAlive: () =>
      client.query('select 1').then(
        () => true,
        () => false,
      ),
    end: () => client.end().catch(() => {}),
  };
}
