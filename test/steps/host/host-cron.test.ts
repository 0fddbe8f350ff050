import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type DebianHost, startHost } from '../../../rehearsal/host/host.ts';
import { cronFile } from '../../../src/steps/host/cron-entry.ts';
import { hostCron } from '../../../src/steps/host/host-cron.ts';
import { describeWith } from '../../support/parts.ts';
import { checking, contextOf, contract, failureOf } from '../contract.ts';

const entry = { host: 'app', name: 'backup', schedule: '0 2 * * *', user: 'root', command: 'true' };

describe('the parameters of host/cron', () => {
  test.each([
    ['0 2 * * *', true],
    ['*/5 0-6/2 1,15 jan-mar mon-fri', true],
    ['59 23 31 12 7', true],
    ['@daily', true],
    ['@reboot', true],
    ['60 2 * * *', false],
    ['0 24 * * *', false],
    ['0 0 0 * *', false],
    ['0 0 * 13 *', false],
    ['0 0 * * 8', false],
    ['0 0 * * foo', false],
    ['5-1 * * * *', false],
    ['*/0 * * * *', false],
    ['5/2 * * * *', false],
    ['* * * *', false],
    ['* * * * * *', false],
    ['@sometimes', false],
    ['0 2 * * * \n* * * * *', false],
    [', * * * *', false],
  ])('the schedule %j: %s', (schedule, isGood) => {
    expect(hostCron.with.safeParse({ ...entry, schedule }).success).toBe(isGood);
  });

  test.each([
    [{ name: 'back.up' }, false],
    [{ name: '../x' }, false],
    [{ command: 'date +%F' }, true],
    [{ command: 'date +\\%F' }, false],
    [{ command: 'true\n* * * * * root id' }, false],
    [{ env: { MAILTO: '' } }, true],
    [{ env: { MAILTO: 'a"b' } }, false],
    [{ env: { 'MAIL TO': 'x' } }, false],
    [{ user: 'root id;' }, false],
  ])('%j: %s', (other, isGood) => {
    expect(hostCron.with.safeParse({ ...entry, ...other }).success).toBe(isGood);
  });

  test('every per cent sign is escaped, and the last line ends', () => {
    const env = { MAILTO: 'ops@example.org', PATH: '/usr/sbin:/usr/bin' };

    const text = cronFile({
      schedule: '0  2 * * *',
      user: 'app',
      command: 'dump >"x-$(date +%Y-%m).gz"',
      env,
    });

    expect(text).toBe(
      'MAILTO="ops@example.org"\nPATH="/usr/sbin:/usr/bin"\n0 2 * * * app dump >"x-$(date +\\%Y-\\%m).gz"\n',
    );
  });
});

describeWith('debian-host', 'host/cron', () => {
  let dir: string;
  let debian: DebianHost;

  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'slipway-cron-'));
    debian = await startHost({ dir });
  }, 600_000);

  afterAll(async () => {
    await debian?.stop();
    await rm(dir, { recursive: true, force: true });
  });

  const hosts = () => ({ hosts: { app: debian.host } });
  const applied = async (wanted: unknown) =>
    hostCron.apply?.(hostCron.with.parse(wanted), contextOf(hosts()));
  const undone = async (wanted: unknown, remembered: unknown) =>
    hostCron.undo?.(hostCron.with.parse(wanted), contextOf(hosts()), remembered);

  test('without cron it is told what is missing', async () => {
    const check = await checking(hostCron, entry, hosts());
    const failure = await failureOf(applied(entry));

    expect(check.is).toBe('unsatisfied');
    expect(failure.code).toBe('not-found');
    expect(failure.message).toContain('there is no cron.service; that comes first');
  });

  describe('with cron installed', () => {
    beforeAll(() => debian.shell('apt-get install -qq -y --no-install-recommends cron >/dev/null'));

    contract(hostCron, { first: 'unsatisfied', last: 'satisfied', undoes: true }, async () => {
      await debian.shell(
        "systemctl stop cron; echo '# theirs' >/etc/cron.d/contract; chmod 600 /etc/cron.d/contract",
      );
      const wanted = { ...entry, name: 'contract', env: { MAILTO: '' } };
      return {
        wanted,
        hung: (port) => ({
          wanted,
          context: { hosts: { app: { ...debian.host, port, address: '127.0.0.1' } } },
        }),
        context: hosts(),
        snapshot: () =>
          debian.shell(
            "cd /etc/cron.d; find . -type f -printf '%p %u:%g %m %T@\\n' | sort; cat contract; systemctl is-active cron || true",
          ),
        close: async () => {
          await debian.shell('systemctl start cron');
        },
      };
    });

    test('cron itself runs the command as the account, with its per cent signs and variables', async () => {
      const command = 'printf "\\%s:\\%s:\\%s" "$(id -un)" "$WHERE" "$(date +\\%F)"'.replaceAll('\\%', '%');
      const wanted = {
        ...entry,
        name: 'proof',
        schedule: '@reboot',
        user: 'deploy',
        command: `${command} >/tmp/proof`,
        env: { WHERE: 'at home' },
      };

      await applied(wanted);
      await debian.shell(
        'rm -f /run/crond.reboot; systemctl restart cron; for i in $(seq 50); do [ -s /tmp/proof ] && break; sleep 0.1; done',
      );

      expect(await debian.shell('cat /tmp/proof')).toMatch(/^deploy:at home:\d{4}-\d\d-\d\d$/);
    });

    test('another line, other permissions, a stopped service and a missing account are named', async () => {
      const wanted = { ...entry, name: 'drift' };
      await applied(wanted);
      await debian.shell("echo '* * * * * root id' >>/etc/cron.d/drift; chmod 666 /etc/cron.d/drift");
      const edited = await checking(hostCron, wanted, hosts());
      await applied(wanted);
      await debian.shell('systemctl stop cron');
      const stopped = await checking(hostCron, wanted, hosts());
      const nobody = await failureOf(applied({ ...wanted, user: 'no-such-account' }));
      const did = await applied(wanted);
      const running = await debian.shell('systemctl is-active cron');
      await undone(wanted, did?.remember);

      expect(edited).toMatchObject({
        because: expect.stringMatching(/has another content.* has mode 0666/),
        evidence: [{ answered: expect.stringContaining('-* * * * * root id') }, { answered: 'active' }],
      });
      expect(stopped).toMatchObject({
        because: expect.stringContaining('will not run /etc/cron.d/drift: inactive'),
      });
      expect(nobody.message).toContain('there is no account no-such-account');
      expect(running).toBe('active\n');
      expect(await debian.shell('systemctl is-active cron || true')).toBe('inactive\n');
    });
  });
});
