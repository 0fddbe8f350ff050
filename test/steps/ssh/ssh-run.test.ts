import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import ssh2 from 'ssh2';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { type DebianHost, startHost } from '../../../rehearsal/host/host.ts';
import { Secret } from '../../../src/secret.ts';
import { runOn } from '../../../src/steps/ssh/ssh-run.ts';
import type { Host } from '../../../src/steps/step.ts';
import { describeWith } from '../../support/parts.ts';
import { contextOf, failureOf } from '../contract.ts';

const limit = 20_000;

describeWith('debian-host', 'a command under another account', () => {
  let dir: string;
  let debian: DebianHost;

  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'slipway-run-'));
    debian = await startHost({ dir });
  }, 600_000);

  afterEach(() => debian.shell('rm -f /home/deploy/.bashrc /tmp/pids /tmp/ran'));
  afterAll(async () => {
    await debian?.stop();
    await rm(dir, { recursive: true, force: true });
  });

  test('abort ends it with all its children, also when it is root’s', async () => {
    const script = `sleep 1000 & echo "$! $$" >/tmp/pids; trap '' TERM; sleep 1000; sleep 1000`;
    const controller = new AbortController();

    const running = failureOf(
      runOn(
        debian.host,
        { words: ['sh', '-c', script], as: 'root', limit },
        contextOf({ signal: controller.signal }),
      ),
    );
    while ((await pids()).length < 2) await sleep(20);
    const before = await alive();
    controller.abort(new DOMException('stopped', 'AbortError'));
    const failure = await running;

    expect(failure.code).toBe('aborted');
    expect(before).toBe(2);
    expect(await alive()).toBe(0);
  });

  test('an abort before it began means that it never begins', async () => {
    await debian.shell("echo 'sleep 1' >/home/deploy/.bashrc");

    const failure = await failureOf(
      runOn(
        debian.host,
        { words: ['touch', '/tmp/ran'], limit },
        contextOf({ signal: AbortSignal.timeout(700) }),
      ),
    );
    await sleep(1_500);

    expect(failure.code).toBe('timed-out');
    expect(await debian.shell('ls /tmp')).not.toContain('ran');
  });

  test('what the shell of a login prints by itself is no part of the output', async () => {
    await debian.shell("printf 'echo Welcome, 42\\nprintf 43; printf no >&2' >/home/deploy/.bashrc");
    const words = ['sh', '-c', 'printf "%s|" "$ONE"; cat; echo done >&2'];
    const bytes = 'ü\u0000\u2028 end';

    const result = await runOn(
      debian.host,
      { words, as: 'root', env: { ONE: new Secret('ONE', '1 = 1') }, stdin: bytes, limit },
      contextOf(),
    );

    expect(result).toEqual({ exit: 0, stdout: `1 = 1|${bytes}`, stderr: 'done\n' });
  });

  test('without the right to become root it is told what to allow', async () => {
    await debian.shell(
      'mkdir -p /home/plain/.ssh && cp /home/deploy/.ssh/authorized_keys /home/plain/.ssh/ && useradd -d /home/plain plain && chown -R plain: /home/plain',
    );
    const host = { ...debian.host, user: 'plain' };

    const denied = await failureOf(runOn(host, { words: ['id'], as: 'root', limit }, contextOf()));
    const unknown = await failureOf(
      runOn(debian.host, { words: ['id'], as: 'no-such-account', limit }, contextOf()),
    );

    expect(denied.code).toBe('permission-denied');
    expect(denied.message).toContain(
      `plain may not run commands as root on plain@${debian.address}:22 without a password`,
    );
    expect(unknown.code).toBe('not-found');
    expect(unknown.message).toContain('There is no account no-such-account on');
  });

  test('who is turned away before the login is complete learns what the host said', async () => {
    await debian.shell('echo "The system is going down for maintenance." >/run/nologin');

    const failure = await failureOf(runOn(debian.host, { words: ['id'], limit }, contextOf()));
    await debian.shell('rm /run/nologin');

    expect(failure.code).toBe('connection-refused');
    expect(failure.message).toBe(
      `SSH to deploy@${debian.address}:22 ended the connection before the login was complete and said: The system is going down for maintenance; look at its log with journalctl -u ssh.`,
    );
  });

  test('a command that heeds no signal is killed at its limit, and that is told as such', async () => {
    const words = ['sh', '-c', "trap '' TERM; sleep 30; sleep 30"];

    const failure = await failureOf(runOn(debian.root, { words, limit: 1_000 }, contextOf()));

    expect(failure.code).toBe('timed-out');
  });

  const pids = async () =>
    (await debian.shell('cat /tmp/pids 2>/dev/null || true')).split(/\s+/).filter(Boolean);
  const alive = async () =>
    Number(await debian.shell('for p in $(cat /tmp/pids); do [ -d /proc/$p ] && echo $p; done | wc -l'));
});

test('an exit code whose output was cut off is no result', async () => {
  const server = await serving((channel, connection) => {
    channel.write('slipway-began 1\nhalf of');
    channel.exit(0);
    setTimeout(() => connection.end(), 100);
  });

  const failure = await failureOf(runOn(server.host, { words: ['true'], limit }, contextOf()));
  await server.close();

  expect(failure.code).toBe('connection-refused');
});

test('a command whose end comes together with its beginning has ended', async () => {
  const server = await serving((channel) => {
    channel.stderr.write('not today');
    channel.exit(3);
    channel.end();
  });
  const slow = await coalescing(server.host.port);

  const result = await runOn({ ...server.host, port: slow.port }, { words: ['true'], limit }, contextOf());
  await slow.close();
  await server.close();

  expect(result).toEqual({ exit: 3, stdout: '', stderr: 'not today' });
});

const newKeys = () => ssh2.utils.generateKeyPairSync('ecdsa', { bits: 256 });

/** An SSH server that lets everybody in and answers every command in the same way. */
async function serving(answer: (channel: ssh2.ServerChannel, connection: ssh2.Connection) => void) {
  // Of this kind because one in some hundred of the library's ed25519 keys cannot be read again.
  const [key, client] = [newKeys(), newKeys()];
  const server = new ssh2.Server({ hostKeys: [key.private] }, (connection) => {
    connection.on('error', () => {}).on('authentication', (attempt) => attempt.accept());
    connection.on('session', (accept) => {
      accept().on('exec', (acceptCommand) => answer(acceptCommand(), connection));
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' ? (address?.port ?? 0) : 0;
  const blob = Buffer.from(key.public.split(' ')[1] ?? '', 'base64');
  const hostKey = `SHA256:${createHash('sha256').update(blob).digest('base64').replace(/=+$/, '')}`;
  const privateKey = new Secret('SSH_KEY', client.private);
  const host: Host = { address: '127.0.0.1', port, user: 'root', privateKey, hostKey };
  return { host, close: () => new Promise<void>((settle) => server.close(() => settle())) };
}

/** A way to a port that hands on what comes from there only after a pause, so that it arrives together, as on a busy machine. */
async function coalescing(port: number) {
  const server = createServer((socket) => {
    const there = connect(port, '127.0.0.1');
    let kept: Buffer[] = [];
    let timer: NodeJS.Timeout | undefined;
    const handOn = () => {
      if (kept.length > 0) socket.write(Buffer.concat(kept));
      kept = [];
    };
    there.on('data', (chunk: Buffer) => {
      kept.push(chunk);
      clearTimeout(timer);
      timer = setTimeout(handOn, 60);
    });
    there
      .on('error', () => {})
      .on('close', () => {
        handOn();
        socket.end();
      });
    socket.on('error', () => {}).on('close', () => there.destroy());
    socket.pipe(there);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  return {
    port: typeof address === 'object' ? (address?.port ?? 0) : 0,
    close: () => new Promise<void>((settle) => server.close(() => settle())),
  };
}
