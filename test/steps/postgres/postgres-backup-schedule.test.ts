import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Secret } from '../../../src/secret.ts';
import { postgresBackupSchedule } from '../../../src/steps/postgres/postgres-backup-schedule.ts';
import { postgresRestore } from '../../../src/steps/postgres/postgres-restore.ts';
import { describeWith } from '../../support/parts.ts';
import { checking, contextOf, contract, failureOf } from '../contract.ts';
import { type DebianPostgres, startDebianPostgres } from './debian-postgres.ts';
import { query } from './postgres-15.ts';

describeWith('debian-host', 'postgres/backup-schedule', () => {
  let server: DebianPostgres;
  let context: { hosts: { db: DebianPostgres['debian']['host'] } };

  beforeAll(async () => {
    server = await startDebianPostgres(['cron']);
    context = { hosts: { db: server.debian.host } };
    await server.debian.shell('useradd --create-home keeper');
    await query(server.outside('postgres'), 'create database factory');
    await query(server.outside('factory'), 'create table users as select generate_series(1, 3) as id');
    await query(server.outside('postgres'), `create role keeper login superuser password 'k:ee\\per'`);
  }, 600_000);

  afterAll(async () => {
    await server?.stop();
  });

  contract(postgresBackupSchedule, { first: 'unsatisfied', last: 'satisfied', undoes: true }, async () => ({
    wanted: wantedAs('contract'),
    hung: (port) => ({
      wanted: wantedAs('contract'),
      context: { hosts: { db: { ...server.debian.host, address: '127.0.0.1', port } } },
    }),
    context,
    snapshot: () =>
      server.debian.shell(
        'find /etc /usr/local -name "*slipway-backup*" -exec stat -c "%n %U %a" {} + | sort',
      ),
    close: async () => {},
  }));

  test('what is installed shows no password to anybody else, and what cron starts takes a dump', async () => {
    await applied('shown');
    const before = await dumpsIn('/var/backups/shown');

    const entry = await server.debian.shell('cat /etc/cron.d/slipway-backup-shown');
    const found = await server.debian.shell(`grep -rlF 'k:ee' /etc /usr/local/sbin /var/backups || true`);
    const pgpass = await server.debian.shell('stat -c "%U %a" /etc/slipway-backup-shown.pgpass');
    const line = entry.trim().split('\n').at(-1) ?? '';
    const command = line.split(' ').slice(6).join(' ');
    await server.debian.shell(`sleep 1; runuser -u keeper -- env -i PATH=/usr/bin:/bin sh -c '${command}'`);
    const after = await dumpsIn('/var/backups/shown');

    expect(line).toMatch(/^0 2 \* \* \* keeper \/usr\/local\/sbin\/slipway-backup-shown 2>&1 \| logger/);
    expect(found).toBe('');
    expect(pgpass).toBe('keeper 600\n');
    expect(before).toHaveLength(1);
    expect(after).toHaveLength(2);
  });

  test('what does not work is taken away again, and leaves no dump', async () => {
    const url = new Secret('DATABASE_URL', 'postgres://keeper:hunter2@127.0.0.1:5432/factory');

    const failure = await failureOf(applied('broken', { url }));
    const left = await server.debian.shell(
      'ls /etc/*broken* /etc/cron.d/*broken* /usr/local/sbin/*broken* 2>/dev/null || true',
    );
    const dumps = await server.debian.shell('find /var/backups/broken -type f');

    expect(failure.code).toBe('command-failed');
    expect(failure.message).toMatch(/left no dump .*: .*password authentication failed/);
    expect(failure.message).not.toContain('hunter2');
    expect(left).toBe('');
    expect(dumps).toBe('');
  });

  test('a dump that fails later leaves no file and removes none', async () => {
    await query(server.outside('postgres'), 'create database short_lived');
    await applied('later', { url: urlOf('short_lived') });
    const before = await server.debian.shell('find /var/backups/later | sort');
    await query(server.outside('postgres'), 'drop database short_lived');

    const exit = await server.debian.shell(
      'runuser -u keeper -- /usr/local/sbin/slipway-backup-later >/dev/null 2>&1 || echo "exit $?"',
    );

    expect(exit).toMatch(/^exit [1-9]/);
    expect(await server.debian.shell('find /var/backups/later | sort')).toBe(before);
  });

  test('a connection that is lost leaves the dump to end by itself, and running again completes the rest', async () => {
    const blocker = new pg.Client({ connectionString: server.outside('factory') });
    await blocker.connect();
    await blocker.query('begin; lock table users in access exclusive mode');

    const losing = failureOf(applied('lost'));
    while (!(await waitsForLock())) await sleep(50);
    await server.debian.shell('pkill -KILL -u deploy sshd');
    const failure = await losing;
    const during = await server.debian.shell('find /var/backups/lost -name "[!.]*" -type f');
    await blocker.end();
    while ((await server.debian.shell('ls /var/backups/lost')) === 'weekly\n') await sleep(50);
    await applied('lost');
    const check = await checking(postgresBackupSchedule, wantedAs('lost'), context);

    expect(failure.code).toBe('connection-refused');
    expect(during).toBe('');
    expect(check).toMatchObject({ is: 'satisfied' });
    expect(await dumpsIn('/var/backups/lost')).not.toEqual([]);
  });

  test('dumps of the last days and the first of each week are kept, older ones go with all their files', async () => {
    await server.debian.shell(`set -eu
      install -d -o keeper /var/backups/kept /var/backups/kept/weekly
      cd /var/backups/kept
      for back in $(seq 1 40); do
        day=$(date -u -d "$back days ago" +%Y%m%d)
        for time in T010000Z T130000Z; do touch factory-$day$time.dump factory-$day$time.dump.sha256 factory-$day$time.dump.verified; done
      done
      for back in $(seq 2 60); do touch weekly/factory-$(date -u -d "$back weeks ago" +%Y%m%d)T010000Z.dump; done
      touch factory-notes.dump other-20200101T000000Z.dump
      chown -R keeper: .`);

    await applied('kept', { daily: 10, monthly: 3, maxAge: '1s' });
    await server.debian.shell('sleep 1; runuser -u keeper -- /usr/local/sbin/slipway-backup-kept');

    const dumps = await dumpsIn('/var/backups/kept');
    const days = new Set(dumps.map((name) => name.slice('factory-'.length, 'factory-20260101'.length)));
    const weekly = await dumpsIn('/var/backups/kept/weekly');
    const verified = await server.debian.shell('ls /var/backups/kept/*.verified | wc -l');
    expect(days.size).toBe(10);
    expect(dumps).toHaveLength(9 * 2 + 2);
    expect(verified.trim()).toBe('18');
    expect(weekly).toHaveLength(14);
    expect(weekly.at(-1)).toBe(dumps.at(-2));
    expect(await server.debian.shell('cd /var/backups/kept/weekly && sha256sum -c *.sha256')).toContain(
      'dump: OK',
    );
    const others = await server.debian.shell(
      'ls /var/backups/kept/factory-notes.dump /var/backups/kept/other-*',
    );
    expect(others.trim().split('\n')).toHaveLength(2);
  });

  test('an edited script, another schedule, an open password file and a stopped cron are named and mended', async () => {
    await applied('drift');
    await server.debian.shell(`set -eu
      sed -i 's/^0 2/0 5/' /etc/cron.d/slipway-backup-drift
      sed -i 's/keep_days . 30/keep_days . 1/' /usr/local/sbin/slipway-backup-drift
      chmod 0644 /etc/slipway-backup-drift.pgpass
      systemctl stop cron`);

    const drifted = await checking(postgresBackupSchedule, wantedAs('drift'), context);
    await applied('drift');
    const mended = await checking(postgresBackupSchedule, wantedAs('drift'), context);

    expect(drifted).toMatchObject({
      is: 'unsatisfied',
      because: expect.stringMatching(
        /pgpass on .* has mode 0644, wanted is 0600\. .*sbin\/slipway-backup-drift on .* has another content .*cron\.d\/slipway-backup-drift on .* has another content/,
      ),
    });
    expect(mended).toMatchObject({ is: 'satisfied' });
    expect(await server.debian.shell('systemctl is-active cron')).toBe('active\n');
  });

  test('a schedule whose dumps have stopped coming is told', async () => {
    await applied('stale');
    await server.debian.shell('touch -d "3 days ago" /var/backups/stale/*.dump');

    const check = await checking(postgresBackupSchedule, wantedAs('stale'), context);

    expect(check).toMatchObject({
      is: 'unsatisfied',
      because: expect.stringMatching(/The newest dump .* is 3 d old, wanted is at most 26 h/),
    });
  });

  test('an account that the server itself lets in needs no password file, and its dump can be proved', async () => {
    const url = 'postgres:///factory?host=/var/run/postgresql';
    const proof = postgresRestore.with.parse({
      host: 'db',
      as: 'postgres',
      directory: '/var/backups/peer',
      database: 'factory',
      server: url.replace('factory', 'postgres'),
      tables: ['users'],
    });

    await applied('peer', { as: 'postgres', url });
    const check = await checking(postgresBackupSchedule, wantedAs('peer', { as: 'postgres', url }), context);
    await postgresRestore.apply?.(proof, contextOf(context));

    expect(check).toMatchObject({ is: 'satisfied' });
    expect(await postgresRestore.check(proof, contextOf(context))).toMatchObject({ is: 'satisfied' });
    expect(await server.debian.shell('ls /etc/slipway-backup-peer.pgpass 2>/dev/null || true')).toBe('');
  });

  test('an account that is not there is told before anything is written', async () => {
    const check = await checking(postgresBackupSchedule, wantedAs('nobody', { as: 'nosuch' }), context);
    const failure = await failureOf(applied('nobody', { as: 'nosuch' }));

    expect(check.is).toBe('unsatisfied');
    expect(failure.code).toBe('not-found');
    expect(await server.debian.shell('ls /usr/local/sbin')).not.toContain('nobody');
  });

  function urlOf(database: string): Secret {
    const password = encodeURIComponent('k:ee\\per');
    return new Secret('DATABASE_URL', `postgres://keeper:${password}@127.0.0.1:5432/${database}`);
  }

  function wantedAs(name: string, other: Record<string, unknown> = {}) {
    return {
      host: 'db',
      name,
      as: 'keeper',
      url: urlOf('factory'),
      directory: `/var/backups/${name}`,
      ...other,
    };
  }

  function applied(name: string, other: Record<string, unknown> = {}) {
    const parameters = postgresBackupSchedule.with.parse(wantedAs(name, other));
    return Promise.resolve(postgresBackupSchedule.apply?.(parameters, contextOf(context)));
  }

  /** A transaction sees the sessions as they were at its first look, so the one that holds the lock cannot ask. */
  async function waitsForLock(): Promise<boolean> {
    const waiting = `select 1 from pg_stat_activity where application_name = 'pg_dump' and wait_event_type = 'Lock'`;
    return (await query(server.outside('postgres'), waiting)).length > 0;
  }

  async function dumpsIn(folder: string): Promise<string[]> {
    const listed = await server.debian.shell(`cd ${folder} && ls -d factory-2*.dump`);
    return listed.trim().split('\n');
  }
});
