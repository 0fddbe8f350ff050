import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type DebianHost, startHost } from '../../../rehearsal/host/host.ts';
import { Secret } from '../../../src/secret.ts';
import { hostService } from '../../../src/steps/host/host-service.ts';
import type { Host, StepContext } from '../../../src/steps/step.ts';
import { describeWith } from '../../support/parts.ts';
import { checking, contextOf, contract, failureOf } from '../contract.ts';

const running = unitOf('ExecStart=/bin/sleep infinity');

describeWith('debian-host', 'host/service', () => {
  let dir: string;
  let debian: DebianHost;

  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'slipway-service-'));
    debian = await startHost({ dir });
  }, 600_000);

  afterAll(async () => {
    await debian?.stop();
    await rm(dir, { recursive: true, force: true });
  });

  const wish = (name: string, other: object = {}) => ({ host: 'app', name, settled: '500ms', ...other });
  const context = (other: Partial<StepContext> = {}) => ({ hosts: { app: debian.host }, ...other });
  const check = (wanted: unknown, host: Host = debian.host) =>
    checking(hostService, wanted, { hosts: { app: host } });
  const apply = async (wanted: unknown, other: Partial<StepContext> = {}) =>
    hostService.apply?.(hostService.with.parse(wanted), contextOf(context(other)));
  const undo = async (wanted: unknown, applied: Awaited<ReturnType<typeof apply>>) =>
    hostService.undo?.(
      hostService.with.parse(wanted),
      contextOf(context()),
      JSON.parse(JSON.stringify(applied?.remember)),
    );
  /** Everything about a unit that the step could change, apart from which start of it this is. */
  const stateOf = (name: string) =>
    debian.shell(
      `systemctl show -p LoadState,UnitFileState,ActiveState,NeedDaemonReload ${name}
       find /etc/systemd -name '${name}*' -printf '%p %l %m\\n' | sort; cat /etc/systemd/system/${name} 2>/dev/null || true`,
    );
  const invocation = (name: string) => debian.shell(`systemctl show -P InvocationID ${name}`);

  contract(hostService, { first: 'unsatisfied', last: 'satisfied', undoes: true }, async () => {
    const wanted = wish('new', { unit: new Secret('UNIT', `${running}\n# tok-4711\n`) });
    return {
      wanted,
      hung: (port) => ({
        wanted,
        context: { hosts: { app: { ...debian.host, port, address: '127.0.0.1' } } },
      }),
      context: context(),
      snapshot: () => stateOf('new.service'),
      close: async () => {},
    };
  });

  test('drift is named exactly, and repaired', async () => {
    const wanted = wish('drifting', { unit: running });
    await apply(wanted);
    const name = 'drifting.service';
    const found = async (script: string) => {
      await debian.shell(script);
      const checked = await check(wanted);
      await apply(wanted);
      return {
        because: 'because' in checked ? checked.because : checked.is,
        after: (await check(wanted)).is,
      };
    };
    const place = `deploy@${debian.address}:22`;

    const seen = {
      stopped: await found(`systemctl disable -q --now ${name}`),
      killed: await found(`systemctl kill -s KILL ${name}; sleep 0.2`),
      masked: await found(`rm /etc/systemd/system/${name}; systemctl mask -q --now ${name}`),
      edited: await found(`sed -i s/infinity/1d/ /etc/systemd/system/${name}`),
    };

    expect(seen.stopped.because).toBe(
      `${name} on ${place} is disabled, wanted is enabled, is inactive (dead), wanted is running.`,
    );
    expect(seen.killed.because).toBe(`${name} on ${place} has failed (signal, exit status 9).`);
    expect(seen.masked.because).toBe(`${name} on ${place} is masked, so nothing can start it.`);
    expect(seen.edited.because).toMatch(
      /another content than wanted \(1 line to go, 1 to come\)\. .* has a unit file that systemd has not read yet \(daemon-reload is due\)\.$/,
    );
    expect(Object.values(seen).map(({ after }) => after)).toEqual(Array(4).fill('satisfied'));
  }, 180_000);

  test('a unit that systemd refuses changes nothing', async () => {
    const wanted = wish('refused', { unit: unitOf('ExecStart=/usr/bin/no-such-program') });
    await apply(wish('refused', { unit: running }));
    const [before, start] = [await stateOf('refused.service'), await invocation('refused')];

    const failure = await failureOf(apply(wanted));

    expect(failure.code).toBe('config-refused');
    expect(failure.message).toContain('Command /usr/bin/no-such-program is not executable');
    expect([await stateOf('refused.service'), await invocation('refused')]).toEqual([before, start]);
  });

  test('a unit with an unknown setting is refused, also over a mask, which stays', async () => {
    await debian.shell('systemctl mask -q misspelt.service');
    const before = await stateOf('misspelt.service');

    const failure = await failureOf(
      apply(wish('misspelt', { unit: `${running}\n[Service]\nRestrat=always\n` })),
    );

    expect(failure.message).toContain("Unknown key 'Restrat'");
    expect(await stateOf('misspelt.service')).toBe(before);
  });

  test('a service that ends at once is told with its last words, and the former unit runs again', async () => {
    const logged: string[] = [];
    await apply(wish('dying', { unit: running }));
    const before = await stateOf('dying.service');
    const dying = unitOf(
      // Both lines on one stream: between two the journal keeps no order.
      `ExecStart=/bin/sh -c 'echo starting; echo "ValueError: no DATABASE_URL"; exit 3'\nRestart=always\nRestartSec=200ms`,
    );

    const failure = await failureOf(
      apply(wish('dying', { unit: dying }), { log: (text) => void logged.push(text) }),
    );

    expect(failure.code).toBe('command-failed');
    expect(failure.message).toMatch(
      /(exit-code, exit status 3|restarted \d+ times within [\d.]+ s).* The former unit file was put back and runs again\. Its last words: ValueError: no DATABASE_URL$/,
    );
    expect(logged.join('')).toMatch(/starting\nValueError/);
    expect(await stateOf('dying.service')).toBe(before);
  });

  test('a new service that ends at once is not left to be started for ever', async () => {
    const unit = unitOf('ExecStart=/bin/false\nRestart=always\nRestartSec=100ms\nStartLimitIntervalSec=0');

    const failure = await failureOf(apply(wish('looping', { unit: unit.replace(/StartLimit.*\n/, '') })));

    expect(failure.message).toContain('It is left stopped, with the new unit file in place.');
    expect(await debian.shell('systemctl show -P ActiveState -P UnitFileState looping')).toMatch(
      /^(inactive|failed)\n+disabled\n$/,
    );
  });

  test('a service that is started again and again is no running service', async () => {
    const unit = `[Unit]\nStartLimitIntervalSec=0\n${unitOf('ExecStart=/bin/sleep 0.4\nRestart=always\nRestartSec=10ms')}`;
    await debian.shell(
      `cat >/etc/systemd/system/flapping.service <<'EOF'\n${unit}\nEOF\nsystemctl daemon-reload; systemctl enable -q --now flapping`,
    );

    const checked = await check(wish('flapping', { settled: '2s' }));

    await debian.shell('systemctl stop flapping');
    expect(checked).toMatchObject({
      because: expect.stringMatching(/stay up: it was restarted|keeps ending/),
    });
  });

  test('a service that fails its start is told by how it failed', async () => {
    const unit = unitOf('Type=notify\nExecStart=/bin/sleep infinity\nTimeoutStartSec=1s');

    const failure = await failureOf(apply(wish('silent', { unit })));

    expect(failure.message).toMatch(/silent\.service on .* has failed \(timeout, exit status \d+\)\./);
  });

  test('a changed configuration file asks for a new start', async () => {
    await debian.shell('echo 1 >/etc/app.conf');
    const wanted = wish('configured', {
      unit: running,
      restartWhen: ['/etc/app.conf', '/etc/not-there.conf'],
    });
    await apply(wanted);
    const fresh = await check(wanted);
    const start = await invocation('configured');
    await debian.shell(
      'cp -p /etc/app.conf /etc/.new; echo 2 >/etc/.new; touch -d 2020-01-01 /etc/.new; mv /etc/.new /etc/app.conf',
    );

    const stale = await check(wanted);
    await apply(wanted);

    expect(fresh.is).toBe('satisfied');
    expect(stale).toMatchObject({
      because: expect.stringMatching(/was started before \/etc\/app\.conf changed\.$/),
    });
    expect(await invocation('configured')).not.toBe(start);
    expect((await check(wanted)).is).toBe('satisfied');
  });

  test('a timer is enabled and waits', async () => {
    const timer = '[Timer]\nOnCalendar=daily\n[Install]\nWantedBy=timers.target\n';
    await apply(
      wish('nightly.service', {
        unit: unitOf('Type=oneshot\nExecStart=/bin/true'),
        state: 'stopped',
        enabled: false,
      }),
    );

    await apply(wish('nightly.timer', { unit: timer }));

    expect((await check(wish('nightly.timer', { unit: timer }))).is).toBe('satisfied');
    expect(await debian.shell('systemctl show -P SubState -P UnitFileState nightly.timer')).toBe(
      'waiting\nenabled\n',
    );
  });

  test('a service that is there already is stopped and disabled, and undo starts it again', async () => {
    await apply(wish('owned', { unit: running }));
    const own = wish('owned', { state: 'stopped', enabled: false });
    const before = await stateOf('owned.service');

    const checked = await check(own);
    const applied = await apply(own);
    const stopped = await debian.shell('systemctl show -P ActiveState -P UnitFileState owned');
    await undo(own, applied);

    expect(checked).toMatchObject({
      because: expect.stringContaining(
        'is enabled, wanted is disabled, is active (running), wanted is stopped',
      ),
    });
    expect(stopped).toBe('inactive\ndisabled\n');
    expect(await stateOf('owned.service')).toBe(before);
  });

  test('undo brings a former unit file back into force, and a mask', async () => {
    await apply(wish('former', { unit: running }));
    await debian.shell('systemctl mask -q was-masked.service');
    const before = [await stateOf('former.service'), await stateOf('was-masked.service')];
    const changed = wish('former', { unit: running.replace('infinity', '1d') });
    const unmasked = wish('was-masked', { unit: running });

    const applied = [await apply(changed), await apply(unmasked)];
    const during = await debian.shell(
      "ps -C sleep -o args= | grep -c 'sleep 1d'; systemctl is-active was-masked",
    );
    await undo(changed, applied[0]);
    await undo(unmasked, applied[1]);

    expect(during).toBe('1\nactive\n');
    expect([await stateOf('former.service'), await stateOf('was-masked.service')]).toEqual(before);
    expect(await debian.shell("ps -C sleep -o args= | grep -c 'sleep 1d' || true")).toBe('0\n');
  });

  test('undo leaves a unit file that somebody has changed since', async () => {
    const wanted = wish('theirs', { unit: running });
    const applied = await apply(wanted);
    await debian.shell('echo "# mine" >>/etc/systemd/system/theirs.service');

    const failure = await failureOf(undo(wanted, applied));

    expect(failure.code).toBe('not-undone');
    expect(await debian.shell('systemctl is-active theirs; tail -1 /etc/systemd/system/theirs.service')).toBe(
      'active\n# mine\n',
    );
  });

  test('a connection that is cut off in the middle leaves nothing that a second run does not mend', async () => {
    const network = await cutting(debian.address, 22);
    const unit = unitOf(
      'Type=notify\nNotifyAccess=all\nExecStart=/bin/sh -c "sleep 2; systemd-notify --ready; sleep infinity"',
    );
    const wanted = wish('cut', { unit });
    const away = { ...debian.host, address: '127.0.0.1', port: network.port };

    const applying = failureOf(apply(wanted, { hosts: { app: away } }));
    while (!(await debian.shell('systemctl show -P ActiveState cut')).startsWith('activating'))
      await sleep(20);
    network.cut();
    const failure = await applying;
    const again = await apply(wanted);
    await network.close();

    expect(failure.code).toBe('connection-refused');
    expect(again?.evidence.length).toBeGreaterThan(0);
    expect((await check(wanted)).is).toBe('satisfied');
    expect(await debian.shell("find /etc/systemd /tmp -name '.slipway*'")).toBe('');
  });

  test('what cannot be is told: no such unit, no way to enable it, no right to do so', async () => {
    await debian.shell(
      'useradd -m guest; install -D -o guest /home/deploy/.ssh/authorized_keys /home/guest/.ssh/authorized_keys; chown guest /home/guest/.ssh',
    );
    const guest = { hosts: { app: { ...debian.host, user: 'guest' } } };

    const missing = await check(wish('nowhere'));
    const failures = [
      await failureOf(apply(wish('nowhere'))),
      await failureOf(apply(wish('static', { unit: '[Service]\nExecStart=/bin/sleep infinity\n' }))),
      await failureOf(apply(wish('nowhere'), guest)),
    ];

    expect(missing).toMatchObject({
      because: expect.stringMatching(/^nowhere\.service on .* does not exist\.$/),
    });
    expect(failures.map(({ code }) => code)).toEqual(['not-found', 'command-failed', 'permission-denied']);
    expect(failures[1]?.message).toContain('give its file an [Install] section');
  });
});

function unitOf(service: string): string {
  return `[Unit]\nDescription=tried\n[Service]\n${service}\n[Install]\nWantedBy=multi-user.target\n`;
}

/** A way to a port that breaks when it is told to. */
async function cutting(address: string, port: number) {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    const further = connect(port, address);
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
  const cut = () => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    port: typeof listening === 'object' ? (listening?.port ?? 0) : 0,
    cut,
    close: async () => {
      cut();
      await new Promise((settle) => server.close(settle));
    },
  };
}
