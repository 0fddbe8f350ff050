import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type DebianHost, startHost } from '../../../rehearsal/host/host.ts';
import { keyPair } from '../../../rehearsal/world/sshd.ts';
import { Failure } from '../../../src/errors.ts';
import { Secret } from '../../../src/secret.ts';
import { hostCron } from '../../../src/steps/host/host-cron.ts';
import { hostDirectory } from '../../../src/steps/host/host-directory.ts';
import { hostFile } from '../../../src/steps/host/host-file.ts';
import { hostPackage } from '../../../src/steps/host/host-package.ts';
import { hostUser } from '../../../src/steps/host/host-user.ts';
import type { Host, Step, StepContext } from '../../../src/steps/step.ts';
import { describeWith } from '../../support/parts.ts';
import { checking, contextOf, failureOf } from '../contract.ts';
import { type CutLine, startCutLine } from './cut-line.ts';

describeWith('debian-host', 'trouble on the way to a host', () => {
  let dir: string;
  let debian: DebianHost;
  let line: CutLine;

  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'slipway-trouble-'));
    debian = await startHost({ dir });
    line = await startCutLine(debian.address);
    await debian.shell(
      `apt-get install -qq -y --no-install-recommends cron >/dev/null
      useradd -m plain && mkdir /home/plain/.ssh && cp /home/deploy/.ssh/authorized_keys /home/plain/.ssh/ && chown -R plain: /home/plain
      mkdir /srv/tiny && mount -t tmpfs -o size=64k,nr_inodes=8 tiny /srv/tiny`,
    );
  }, 600_000);

  afterAll(async () => {
    await line?.stop();
    await debian?.stop();
    await rm(dir, { recursive: true, force: true });
  });

  const direct = () => contextOf({ hosts: { app: debian.host } });
  const applied = async (step: Step, wanted: unknown, context: Partial<StepContext> = {}) =>
    step.apply?.(step.with.parse(wanted), { ...direct(), ...context });
  const looked = (step: Step, wanted: unknown) => checking(step, wanted, { hosts: { app: debian.host } });
  const viaLine = (): Partial<StepContext> => ({ hosts: { app: line.through(debian.host) } });

  /** How it ended: as a success, or with which code. */
  const ended = async (work: Promise<unknown>): Promise<string> => {
    try {
      await work;
      return 'done';
    } catch (error) {
      if (error instanceof Failure) return error.code;
      throw error;
    }
  };

  /** Applies through a line that is cut after this part of all that goes over it, which `whole` tells. */
  const cutAt = (part: number, whole: number, step: Step, wanted: unknown): Promise<string> => {
    line.cutAfter(Math.floor(whole * part));
    return ended(applied(step, wanted, viaLine()));
  };
  const measured = async (step: Step, wanted: unknown): Promise<number> => {
    line.cutAfter(Number.POSITIVE_INFINITY);
    await applied(step, wanted, viaLine());
    return line.carried();
  };
  const parts = (count: number) => Array.from({ length: count }, (_, index) => (index + 0.5) / count);

  describe('a connection that is lost in the middle of apply', () => {
    test('never leaves half a file or a leftover, wherever it is lost, and a repetition succeeds', async () => {
      const old = 'the old content\n'.repeat(5_000);
      const content = 'the new content, which is longer\n'.repeat(5_000);
      const wanted = { host: 'app', path: '/srv/files/app.conf', content, validate: ['grep', '-q', 'new'] };
      await debian.shell('mkdir /srv/files; : >/srv/files/app.conf');
      const whole = await measured(hostFile, wanted);
      const seen: { code: string; found: string; after: string; left: string }[] = [];

      for (const part of [...parts(10), 0.9999]) {
        await debian.shell("yes 'the old content' | head -n 5000 >/srv/files/app.conf");
        const code = await cutAt(part, whole, hostFile, wanted);
        const content = await debian.shell('cat /srv/files/app.conf');
        await applied(hostFile, wanted);
        const left = await debian.shell('ls -A /srv/files; ls -d /tmp/tmp.* 2>/dev/null || true');
        const { is } = await looked(hostFile, wanted);
        const found = content === old ? 'old' : content === wanted.content ? 'new' : 'half';
        seen.push({ code, found, after: is, left });
      }

      const running = await debian.shell(
        'for i in $(seq 50); do pgrep -f "[s]lipway-began" >/dev/null || break; sleep 0.1; done; pgrep -fa "[s]lipway-began" || echo none',
      );
      const lost = seen.filter(({ code }) => code !== 'done');
      expect(lost.length).toBeGreaterThanOrEqual(10);
      expect(new Set(lost.map(({ code }) => code))).toEqual(new Set(['connection-refused']));
      expect(seen.filter(({ found }) => found === 'half')).toEqual([]);
      expect(running).toBe('none\n');
      expect(seen.map(({ after, left }) => `${after} ${left}`)).toEqual(
        seen.map(() => 'satisfied app.conf\n'),
      );
    }, 180_000);

    test('and what a host that lost its power left beside the file is removed by the next', async () => {
      const content = 'x'.repeat(400_000);
      const wanted = { host: 'app', path: '/srv/power.conf', content };
      await debian.shell('echo old >/srv/power.conf');
      line.silenceAfter(250_000);
      const controller = new AbortController();

      const writing = ended(applied(hostFile, wanted, { ...viaLine(), signal: controller.signal }));
      while ((await debian.shell('ls -A /srv | grep slipway || true')) === '') await sleep(50);
      await debian.shell("pkill -KILL -f 'partials=[.]slipway'; true");
      controller.abort(new DOMException('stopped', 'AbortError'));
      const code = await writing;
      const left = await debian.shell('ls -A /srv | grep slipway; cat /srv/power.conf');
      await applied(hostFile, wanted);

      expect(code).toBe('aborted');
      expect(left).toMatch(/^\.slipway-[0-9a-f]{16}-\d+\nold\n$/);
      expect(await debian.shell('ls -A /srv | grep slipway || echo none; stat -c %s /srv/power.conf')).toBe(
        'none\n400000\n',
      );
    });

    test.each([
      [
        hostUser.uses,
        hostUser,
        { host: 'app', name: 'cutuser', home: '/srv/cutuser', groups: ['www-data'] },
        'userdel cutuser; groupdel cutuser; rm -rf /srv/cutuser; true',
      ],
      [
        hostDirectory.uses,
        hostDirectory,
        { host: 'app', path: '/srv/cut/a/b', owner: 'deploy', group: 'www-data', mode: '0750' },
        'rm -rf /srv/cut',
      ],
      [
        hostCron.uses,
        hostCron,
        { host: 'app', name: 'cut', schedule: '0 2 * * *', user: 'deploy', command: 'true' },
        'rm -f /etc/cron.d/cut; systemctl stop cron; systemctl reset-failed cron',
      ],
    ] as const)('of %s lets the next one finish it', async (_, step: Step, wanted, clear) => {
      const whole = await measured(step, wanted);
      const seen: string[] = [];

      for (const part of parts(6)) {
        await debian.shell(`${clear} 2>/dev/null`);
        const code = await cutAt(part, whole, step, wanted);
        await applied(step, wanted);
        seen.push(`${code} ${(await looked(step, wanted)).is}`);
      }

      expect(seen.filter((one) => one === 'connection-refused satisfied').length).toBeGreaterThanOrEqual(5);
      expect(seen.filter((one) => !one.endsWith(' satisfied'))).toEqual([]);
      expect(await debian.shell('ls -A /etc/cron.d /srv | grep slipway || echo none')).toBe('none\n');
    });
  });

  describe('a full disk', () => {
    test('leaves the file as it was, and nothing beside it', async () => {
      await debian.shell('rm -rf /srv/tiny/*; echo old >/srv/tiny/app.conf');
      const wanted = { host: 'app', path: '/srv/tiny/app.conf', content: 'x'.repeat(200_000) };

      const failure = await failureOf(applied(hostFile, wanted));

      expect(failure.code).toBe('disk-full');
      expect(failure.message).toContain('nothing was changed. Make room.');
      expect(await debian.shell('ls -A /srv/tiny; cat /srv/tiny/app.conf')).toBe('app.conf\nold\n');
    });

    test('is told also when only the inodes are used up', async () => {
      await debian.shell('rm -rf /srv/tiny/*; cd /srv/tiny; for i in 1 2 3 4 5 6 7; do : >$i; done; true');

      const file = await failureOf(applied(hostFile, { host: 'app', path: '/srv/tiny/new', content: 'x' }));
      const directory = await failureOf(
        applied(hostDirectory, { host: 'app', path: '/srv/tiny/new', owner: 'root', group: 'root' }),
      );

      expect([file.code, directory.code]).toEqual(['disk-full', 'disk-full']);
      expect(await debian.shell('ls -A /srv/tiny | tr -d "\\n"')).toBe('1234567');
    });
  });

  test('an account that may not become root changes nothing and is told what it lacks', async () => {
    const wishes = [
      [hostFile, { host: 'app', path: '/srv/denied', content: 'x' }],
      [hostDirectory, { host: 'app', path: '/srv/denied', owner: 'root', group: 'root' }],
      [hostUser, { host: 'app', name: 'denied' }],
      [hostPackage, { host: 'app', packages: ['git'] }],
      [hostCron, { host: 'app', name: 'denied', schedule: '@daily', user: 'root', command: 'true' }],
    ] as const;
    const hosts = { app: { ...debian.host, user: 'plain' } };

    const failures = await Promise.all(
      wishes.map(([step, wanted]: readonly [Step, unknown]) => failureOf(applied(step, wanted, { hosts }))),
    );

    expect(failures.map(({ code }) => code)).toEqual(wishes.map(() => 'permission-denied'));
    expect(failures[0]?.message).toBe(
      `plain may not run commands as root on plain@${debian.address}:22 without a password; allow it in sudoers (plain ALL=(ALL) NOPASSWD: ALL) or log in as root.`,
    );
    expect(
      await debian.shell(
        'ls -d /srv/denied /etc/cron.d/denied 2>/dev/null; id denied 2>/dev/null; echo none',
      ),
    ).toBe('none\n');
  });

  test('a host that cannot be trusted, entered or reached is told as what it is', async () => {
    await keyPair(join(dir, 'stranger'), ['-t', 'ed25519']);
    const stranger = new Secret('SSH_KEY', await readFile(join(dir, 'stranger'), 'utf8'));
    const wanted = { host: 'app', path: '/srv/never', content: 'x' };
    const trying = async (other: Partial<Host>, context: Partial<StepContext> = {}) =>
      (
        await failureOf(
          applied(hostFile, wanted, { hosts: { app: { ...debian.host, ...other } }, ...context }),
        )
      ).code;
    line.silenceAfter(0);

    const codes = [
      await trying({ hostKey: `SHA256:${'A'.repeat(43)}` }),
      await trying({ privateKey: stranger }),
      await trying({ port: 1 }),
      await trying(line.through(debian.host), { signal: AbortSignal.timeout(500) }),
    ];

    expect(codes).toEqual(['host-key-unknown', 'authentication-failed', 'connection-refused', 'timed-out']);
    expect(await debian.shell('ls /srv/never 2>&1 || true')).toContain('No such file');
  });
});
