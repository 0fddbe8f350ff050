import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { type DebianHost, startHost } from '../../../rehearsal/host/host.ts';
import { hostSshd } from '../../../src/steps/host/host-sshd.ts';
import { runOn } from '../../../src/steps/ssh/ssh-run.ts';
import type { Host, StepContext } from '../../../src/steps/step.ts';
import { describeWith } from '../../support/parts.ts';
import { checking, contextOf, contract, failureOf } from '../contract.ts';

describeWith('debian-host', 'host/sshd', () => {
  let dir: string;
  let debian: DebianHost;

  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'slipway-sshd-'));
    debian = await startHost({ dir });
    await debian.shell('cp -p /etc/ssh/sshd_config /root/sshd_config');
  }, 600_000);

  afterAll(async () => {
    await debian?.stop();
    await rm(dir, { recursive: true, force: true });
  });

  beforeEach(async () => {
    await debian.shell(
      'systemctl stop slipway-sshd-trial.timer 2>/dev/null; cp -p /root/sshd_config /etc/ssh/sshd_config; rm -f /etc/ssh/sshd_config.d/*; systemctl reload ssh; sleep 0.3; until bash -c "</dev/tcp/127.0.0.1/22" 2>/dev/null; do sleep 0.05; done',
    );
  });

  const context = (other: Partial<StepContext> = {}) => ({ hosts: { app: debian.host }, ...other });
  const check = (settings?: object, host: Host = debian.host) =>
    checking(hostSshd, { host: 'app', ...(settings && { settings }) }, { hosts: { app: host } });
  const apply = async (wanted: object = {}, other: Partial<StepContext> = {}) =>
    hostSshd.apply?.(hostSshd.with.parse({ host: 'app', ...wanted }), contextOf(context(other)));
  const undo = async (remembered: unknown) =>
    hostSshd.undo?.(
      hostSshd.with.parse({ host: 'app' }),
      contextOf(context()),
      JSON.parse(JSON.stringify(remembered)),
    );
  const snapshot = () =>
    debian.shell(
      "sshd -T | sort; stat -c '%n %a %U' /etc/ssh/sshd_config /etc/ssh/sshd_config.d/* 2>/dev/null; cat /etc/ssh/sshd_config /etc/ssh/sshd_config.d/* 2>/dev/null; systemctl is-active ssh; systemctl list-timers --all --no-legend 'slipway*'",
    );
  const logsInAs = async (host: Host) => {
    const command = { words: ['true'], limit: 5_000 };
    return runOn(host, command, contextOf()).then(
      () => true,
      () => false,
    );
  };

  contract(hostSshd, { first: 'unsatisfied', last: 'satisfied', undoes: true }, async () => ({
    wanted: { host: 'app' },
    hung: (port) => ({
      wanted: { host: 'app' },
      context: { hosts: { app: { ...debian.host, port, address: '127.0.0.1' } } },
    }),
    context: context(),
    snapshot,
    close: async () => {},
  }));

  test('what is in force is what sshd itself says, whatever the spelling', async () => {
    const before = await check({
      PermitRootLogin: 'prohibit-password',
      LoginGraceTime: '2m',
      maxauthtries: 6,
    });
    const wanted = await check({ passwordauthentication: 'no', X11Forwarding: 'no' });

    expect(before.is).toBe('satisfied');
    expect(wanted).toMatchObject({
      because: `On deploy@${debian.address}:22 passwordauthentication is yes, wanted is no; X11Forwarding is yes, wanted is no.`,
    });
  });

  test('the running server obeys, and again the former settings after undo', async () => {
    const before = await logsInAs(debian.root);
    const applied = await apply({ settings: { PermitRootLogin: 'no' } });
    const during = await logsInAs(debian.root);
    await undo(applied?.remember);
    const after = await logsInAs(debian.root);

    expect([before, during, after]).toEqual([true, false, true]);
  });

  test('settings win over files that come earlier, and over a main file that includes none', async () => {
    await debian.shell(
      'echo "PasswordAuthentication yes" >/etc/ssh/sshd_config.d/01-image.conf; sed -i "/^Include/d; 1i X11Forwarding yes" /etc/ssh/sshd_config; systemctl reload ssh; sleep 0.5',
    );
    const settings = { PasswordAuthentication: 'no', X11Forwarding: 'no' };
    const before = await snapshot();

    const applied = await apply({ settings });
    const checked = await check(settings);
    const first = await debian.shell('head -1 /etc/ssh/sshd_config');
    await undo(applied?.remember);

    expect(checked.is).toBe('satisfied');
    expect(first).toBe('Include /etc/ssh/sshd_config.d/10-slipway.conf\n');
    expect(await snapshot()).toBe(before);
  });

  test('drift is named and repaired: a line by hand, a server that has not read it, an exception', async () => {
    await apply();
    await debian.shell('sed -i "1i PasswordAuthentication yes" /etc/ssh/sshd_config');
    const edited = await check();
    await apply();
    const repaired = await check();
    await debian.shell('sleep 0.1; touch /etc/ssh/sshd_config.d/10-slipway.conf');
    const unread = await check();
    await debian.shell(
      "printf 'Match User backup\\n  PasswordAuthentication yes\\n' >>/etc/ssh/sshd_config; systemctl reload ssh; sleep 0.5",
    );
    const excepted = await check();

    expect(edited).toMatchObject({
      because: expect.stringMatching(
        /PasswordAuthentication is yes, wanted is no; ssh\.service has not been reloaded since \/etc\/ssh\/sshd_config changed\.$/,
      ),
    });
    expect(repaired.is).toBe('satisfied');
    expect(unread).toMatchObject({
      because: expect.stringContaining(
        'has not been reloaded since /etc/ssh/sshd_config.d/10-slipway.conf changed',
      ),
    });
    expect(excepted).toMatchObject({
      because: expect.stringContaining(
        '/etc/ssh/sshd_config sets PasswordAuthentication yes for "Match User backup"',
      ),
    });
  });

  test.each([
    [{ PermitRootLogin: 'perhaps' }, /line 1: unsupported option "perhaps"/],
    [{ NoSuchKeyword: 'yes' }, /Bad configuration option: NoSuchKeyword/],
  ])('%j is refused, and nothing changes', async (settings, says) => {
    const before = await snapshot();

    const failures = [await failureOf(check(settings)), await failureOf(apply({ settings }))];

    expect(failures.map(({ code }) => code)).toEqual(['config-refused', 'config-refused']);
    expect(failures[1]?.message).toMatch(says);
    expect(await snapshot()).toBe(before);
  });

  test('a keyword that adds up and is set elsewhere too is refused, and nothing changes', async () => {
    await debian.shell(
      'echo "AllowUsers root" >>/etc/ssh/sshd_config; echo "AllowUsers deploy" >>/etc/ssh/sshd_config; systemctl reload ssh; sleep 0.5',
    );
    const before = await snapshot();

    const failure = await failureOf(apply({ settings: { AllowUsers: 'deploy' } }));

    expect(failure.code).toBe('config-refused');
    expect(failure.message).toContain('AllowUsers is deploy root, wanted is deploy');
    expect(await snapshot()).toBe(before);
  });

  test('settings that shut out Slipway are taken back by the host itself', async () => {
    const before = await snapshot();

    const failure = await failureOf(apply({ settings: { AllowUsers: 'nobody' }, trial: '4s' }));
    const during = await logsInAs(debian.host);
    while ((await snapshot()) !== before) await sleep(100);

    expect(failure.code).toBe('timed-out');
    expect(failure.message).toContain('the host takes it back by itself');
    expect(during).toBe(false);
    expect(await logsInAs(debian.host)).toBe(true);
  });

  test('a connection that is cut off before the proof is mended by a second run', async () => {
    const network = await closing(debian.address, async () =>
      (await debian.shell('systemctl is-active slipway-sshd-trial.timer || true')).startsWith('active'),
    );
    const away = { ...debian.host, address: '127.0.0.1', port: network.port };

    const applying = failureOf(apply({}, { hosts: { app: away }, signal: AbortSignal.timeout(20_000) }));
    while (!(await debian.shell('ls /etc/ssh/sshd_config.d')).includes('slipway')) await sleep(10);
    network.close();
    await applying;
    await apply();

    expect((await check()).is).toBe('satisfied');
    expect(await debian.shell("systemctl list-timers --all --no-legend 'slipway*'")).toBe('');
    expect(await debian.shell("find /etc/ssh -name '*.slipway*' -o -name '.slipway*'")).toBe('');
  });

  test('undo leaves a file that somebody has changed since', async () => {
    const applied = await apply();
    await debian.shell('echo "Banner none" >>/etc/ssh/sshd_config.d/10-slipway.conf');

    const failure = await failureOf(undo(applied?.remember));

    expect(failure.code).toBe('not-undone');
    expect(await debian.shell('tail -1 /etc/ssh/sshd_config.d/10-slipway.conf')).toBe('Banner none\n');
  });

  test('without a right it is told which', async () => {
    await debian.shell(
      'id guest >/dev/null 2>&1 || useradd -m guest; install -D -o guest /home/deploy/.ssh/authorized_keys /home/guest/.ssh/authorized_keys; chown guest /home/guest/.ssh',
    );

    const failure = await failureOf(check(undefined, { ...debian.host, user: 'guest' }));

    expect(failure.code).toBe('permission-denied');
    expect(failure.message).toContain('sudoers');
  });

  test('Match and Include are no settings', () => {
    for (const keyword of ['Match', 'include', 'a b']) {
      expect(hostSshd.with.safeParse({ host: 'app', settings: { [keyword]: 'x' } }).success).toBe(false);
    }
    expect(hostSshd.with.safeParse({ host: 'app', settings: { Banner: 'a\nb' } }).success).toBe(false);
  });
});

/** A way to the host's SSH server that lets nobody in as soon as something is so, and that can be cut off. */
async function closing(address: string, isShut: () => Promise<boolean>) {
  const sockets = new Set<Socket>();
  const server = createServer(async (socket) => {
    sockets.add(socket.on('error', () => {}));
    if (await isShut()) return void socket.destroy();
    const further = connect(22, address);
    for (const [from, to] of [
      [socket, further],
      [further, socket],
    ] as const) {
      sockets.add(from);
      from.on('error', () => {}).on('close', () => to.destroy());
      from.pipe(to);
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const listening = server.address();
  return {
    port: typeof listening === 'object' ? (listening?.port ?? 0) : 0,
    close: () => {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}
