import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { connect, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { fingerprint, keyPair, type Sshd, startSshd } from '../../../rehearsal/world/sshd.ts';
import { Secret } from '../../../src/secret.ts';
import { sshCommand } from '../../../src/steps/ssh/ssh.ts';
import type { Host } from '../../../src/steps/step.ts';
import { describeWith } from '../../support/parts.ts';
import { checking, contextOf, contract, failureOf } from '../contract.ts';

const password = new Secret('PASSWORD', 'pa$$ "w`o`rd');

describeWith('sshd', 'SSH', () => {
  let dir: string;
  let sshd: Sshd;
  let hosts: Record<string, Host>;

  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'slipway-ssh-'));
    const started = await startSshd({ dir: join(dir, 'sshd') });
    if (!started) throw new Error('sshd is missing');
    sshd = started;
    hosts = { app: sshd.host };
    await mkdir(join(dir, 'work'));
  });

  afterAll(async () => {
    await sshd.stop();
    await rm(dir, { recursive: true, force: true });
  });

  contract(sshCommand, { first: 'unsatisfied', last: 'satisfied', undoes: true }, async () => ({
    wanted: {
      host: 'app',
      run: ['mkdir', '-p', join(dir, 'work', 'made')],
      check: ['test', '-d', join(dir, 'work', 'made')],
      undo: ['rmdir', join(dir, 'work', 'made')],
      env: { PASSWORD: password },
      stdin: password,
    },
    hung: (port) => ({
      wanted: { host: 'app', run: ['true'], safe: true },
      context: { hosts: { app: { ...sshd.host, port } } },
    }),
    context: { hosts: { app: sshd.host } },
    snapshot: () => readdir(join(dir, 'work')),
    close: async () => {},
  }));

  test('no word is interpreted by a shell on the other side', async () => {
    const trap = join(dir, 'trap');
    const words = [`$(touch ${trap})`, '`id`', "it's", '"quoted"', '*', '; exit 3', 'two\nlines', '\\', ''];

    const check = await checking(
      sshCommand,
      { host: 'app', run: ['printf', '<%s>', ...words], safe: true },
      { hosts },
    );

    expect(check.is).toBe('satisfied');
    expect(JSON.stringify(check)).toContain(
      JSON.stringify(words.map((word) => `<${word}>`).join('')).slice(1, -1),
    );
    expect(existsSync(trap)).toBe(false);
  });

  test('environment and standard input arrive, and neither they nor an echo of them are shown', async () => {
    const script = 'printf "%s|%s|" "$ONE" "$PASSWORD" >"$0"; cat >>"$0"; cat "$0"';
    const file = join(dir, 'received');
    const env = { ONE: "it's = 1", PASSWORD: password };

    const check = await checking(
      sshCommand,
      { host: 'app', run: ['sh', '-c', script, file], env, stdin: password, safe: true },
      { hosts },
    );

    expect(await readFile(file, 'utf8')).toBe(`it's = 1|${password.reveal()}|${password.reveal()}`);
    expect(check).toMatchObject({
      evidence: [{ answered: "exit code 0\nit's = 1|[secret PASSWORD]|[secret PASSWORD]" }],
    });
  });

  test('secrets are in no process list on the host', async () => {
    const script = `for p in /proc/[0-9]*; do
      case "$(tr '\\0' ' ' <"$p/cmdline" 2>/dev/null)" in
        *"$TOKEN"*) echo shown;;
        *timeout*) echo looked;;
      esac
    done`;
    const run = ['sh', '-c', script];

    const wanted = { host: 'app', run, env: { TOKEN: new Secret('TOKEN', 'tok-in-no-list') }, safe: true };
    const check = await checking(sshCommand, wanted, { hosts });

    const answered = 'evidence' in check ? check.evidence[0]?.answered : '';
    expect(answered).toContain('looked');
    expect(answered).not.toContain('shown');
    expect(JSON.stringify(check)).not.toMatch(/tok-in-no-list|\[secret TOKEN\]/);
  });

  test('abort ends the command and its children on the host', async () => {
    const file = join(dir, 'pids');
    const script = `sleep 1000 & echo "$! $$" >${file}; trap '' TERM; sleep 1000; sleep 1000`;
    const controller = new AbortController();
    const parameters = sshCommand.with.parse({ host: 'app', run: ['sh', '-c', script] });

    const running = failureOf(
      Promise.resolve(sshCommand.apply?.(parameters, contextOf({ hosts, signal: controller.signal }))),
    );
    while (!existsSync(file) || (await readFile(file, 'utf8')) === '') await sleep(20);
    const pids = (await readFile(file, 'utf8')).trim().split(' ').map(Number);
    const aliveBefore = pids.map(alive);
    controller.abort(new DOMException('stopped', 'AbortError'));
    const failure = await running;

    expect(failure.code).toBe('aborted');
    expect(aliveBefore).toEqual([true, true]);
    expect(pids.map(alive)).toEqual([false, false]);
  });

  test('abort is heeded also when the network has gone silent', async () => {
    const network = await silencing(sshd.host.port);
    const controller = new AbortController();
    const file = join(dir, 'began');
    const parameters = sshCommand.with.parse({
      host: 'app',
      run: ['sh', '-c', `touch ${file}; sleep 20`],
      limit: '10s',
    });
    const own = { hosts: { app: { ...sshd.host, port: network.port } }, signal: controller.signal };

    const running = failureOf(Promise.resolve(sshCommand.apply?.(parameters, contextOf(own))));
    while (!existsSync(file)) await sleep(20);
    network.silence();
    const began = performance.now();
    controller.abort(new DOMException('late', 'TimeoutError'));
    const failure = await running;
    const took = performance.now() - began;
    await network.close();

    expect(failure.code).toBe('timed-out');
    expect(took).toBeLessThan(5_000);
  });

  test('the host itself ends a command that takes longer than its limit', async () => {
    const failure = await failureOf(
      checking(sshCommand, { host: 'app', run: ['sleep', '1000'], safe: true, limit: '1s' }, { hosts }),
    );

    expect(failure.code).toBe('timed-out');
    expect(failure.message).toContain('was ended after 1 s');
  });

  test('a long output is bounded', async () => {
    const run = ['sh', '-c', 'yes | head -c 5000000'];

    const check = await checking(sshCommand, { host: 'app', run, safe: true }, { hosts });

    expect(check.is).toBe('satisfied');
    expect(JSON.stringify(check).length).toBeLessThan(20_000);
  });

  test.each([
    [['sh', '-c', 'echo broken pipe >&2; exit 3'], {}, /ended with exit code 3, wanted is 0: broken pipe$/],
    [['echo', 'hello'], { stdout: { contains: 'bye' } }, /printed no "bye"\.$/],
    [['echo', 'hello'], { stdout: { matches: '^\\d' } }, /printed no a match of \/\^\\d\/\.$/],
    [['no-such-program'], {}, /ended with exit code 127/],
  ])('%j with %o is told as what it is', async (run, expected, says) => {
    const wanted = { host: 'app', run, expect: expected };

    const check = await checking(sshCommand, { ...wanted, safe: true }, { hosts });
    const applying = sshCommand.apply?.(sshCommand.with.parse(wanted), contextOf({ hosts }));
    const failure = await failureOf(Promise.resolve(applying));

    expect(check).toMatchObject({ is: 'unsatisfied', because: expect.stringMatching(says) });
    expect(failure.code).toBe('command-failed');
  });

  test('a command without a check is unknown until it has run', async () => {
    const check = await checking(
      sshCommand,
      { host: 'app', run: ['touch', join(dir, 'touched')] },
      { hosts },
    );

    expect(check.is).toBe('unknown');
    expect(existsSync(join(dir, 'touched'))).toBe(false);
  });

  test('a host key of any kind may be pinned', async () => {
    const hostKey = await fingerprint(join(dir, 'sshd', 'host_rsa.pub'));

    const check = await checking(
      sshCommand,
      { host: 'app', run: ['true'], safe: true },
      { hosts: { app: { ...sshd.host, hostKey } } },
    );

    expect(check.is).toBe('satisfied');
  });

  test('a host with another key than the pinned one gets no login, and both fingerprints are told', async () => {
    const pinned = `SHA256:${'A'.repeat(43)}`;

    const failure = await failureOf(trying({ hostKey: pinned }));

    expect(failure.code).toBe('host-key-unknown');
    expect(failure.message).toContain(pinned);
    expect(failure.message).toContain(sshd.host.hostKey);
  });

  test('a key that the host does not accept, a closed port, an unknown address and an unknown name', async () => {
    await keyPair(join(dir, 'stranger'), ['-t', 'ed25519']);
    const stranger = new Secret('SSH_KEY', await readFile(join(dir, 'stranger'), 'utf8'));

    const failures = [
      await failureOf(trying({ privateKey: stranger })),
      await failureOf(trying({ port: 1 })),
      await failureOf(trying({ address: 'no-such-host.invalid' })),
      await failureOf(checking(sshCommand, { host: 'db', run: ['true'], safe: true }, { hosts })),
      await failureOf(trying({ privateKey: new Secret('SSH_KEY', 'not a key') })),
    ];

    expect(failures.map(({ code }) => code)).toEqual([
      'authentication-failed',
      'connection-refused',
      'host-not-found',
      'config-invalid',
      'config-invalid',
    ]);
    expect(failures[3]?.message).toContain('known are: app');
  });

  function trying(other: Partial<Host>) {
    return checking(
      sshCommand,
      { host: 'app', run: ['true'], safe: true },
      { hosts: { app: { ...sshd.host, ...other } } },
    );
  }
});

/** A way to a port that can stop carrying anything, with its connections open. */
async function silencing(port: number) {
  const sockets: Socket[] = [];
  const server = createServer((socket) => {
    const further = connect(port, '127.0.0.1');
    sockets.push(socket, further);
    for (const [from, to] of [
      [socket, further],
      [further, socket],
    ] as const) {
      from.on('error', () => {}).on('close', () => to.destroy());
      from.pipe(to);
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  return {
    port: typeof address === 'object' ? (address?.port ?? 0) : 0,
    silence: () => {
      for (const socket of sockets) socket.unpipe().pause();
    },
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((settle) => server.close(settle));
    },
  };
}

/** A process that has ended but that nobody has collected yet is dead. */
function alive(pid: number): boolean {
  if (!existsSync(`/proc/${pid}/stat`)) return false;
  return !/\) [ZX] /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
}
