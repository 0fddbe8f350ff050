import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { connect as openSocket, type Socket } from 'node:net';
import { NodeSSH } from 'node-ssh';
import { Failure } from '../../errors.ts';
import { asFailure } from '../failures.ts';
import type { Host, StepContext } from '../step.ts';
import { heeding } from '../waits.ts';

/** A host may have a key of each kind and offers only the kind that is asked for, so the pinned one is looked for in all. */
const keyKinds = [
  ['ssh-ed25519'],
  ['ecdsa-sha2-nistp256', 'ecdsa-sha2-nistp384', 'ecdsa-sha2-nistp521'],
  ['rsa-sha2-512', 'rsa-sha2-256'],
] as const;

/** `user@address:port`, as hosts are named to people. */
export function hostPlace({ user, address, port }: Host): string {
  return `${user}@${address}:${port}`;
}

/** The host of that name from the environment; throws a Failure that lists the known names. */
export function hostNamed(name: string, { hosts }: Pick<StepContext, 'hosts'>): Host {
  const host = Object.hasOwn(hosts, name) ? hosts[name] : undefined;
  if (host) return host;
  const known = Object.keys(hosts).join(', ') || 'none';
  throw new Failure('config-invalid', `There is no host ${name} in this environment; known are: ${known}.`);
}

/** Logs in to a host whose key is the pinned one, hands the session over and always closes it. Throws Failures only. */
export async function withSsh<T>(
  host: Host,
  signal: AbortSignal,
  use: (ssh: NodeSSH) => Promise<T>,
): Promise<T> {
  const { ssh, socket } = await login(host, signal);
  try {
    return await use(ssh);
  } catch (error) {
    throw asFailure(error, `SSH to ${hostPlace(host)}`, signal);
  } finally {
    ssh.dispose();
    // A peer that has gone silent would never answer the goodbye.
    socket.destroySoon();
  }
}

async function login(host: Host, signal: AbortSignal): Promise<{ ssh: NodeSSH; socket: Socket }> {
  requireKey(host);
  const offered = new Set<string>();
  for (const kinds of keyKinds) {
    let matched = false;
    let asked = false;
    const ssh = new NodeSSH();
    let socket: Socket | undefined;
    try {
      socket = openSocket({ host: host.address, port: host.port });
      const opened = socket;
      await heeding(signal, once(opened, 'connect'), () => opened.destroy());
      const connecting = ssh.connect({
        sock: opened,
        username: host.user,
        privateKey: host.privateKey.reveal(),
        readyTimeout: 20_000,
        keepaliveInterval: 10_000,
        algorithms: { serverHostKey: [...kinds] },
        hostVerifier: (key: Buffer) => {
          asked = true;
          const print = fingerprintOf(key);
          offered.add(print);
          matched = print === host.hostKey;
          return matched;
        },
      });
      // After login a lost connection is told to whoever waits for a command; without this it would end the process.
      ssh.connection?.on('error', () => {});
      const turnedAway = ssh.connection ? [untilTurnedAway(ssh.connection, host)] : [];
      await heeding(signal, Promise.race([...turnedAway, connecting]), () => opened.destroy());
      return { ssh, socket: opened };
    } catch (error) {
      ssh.dispose();
      socket?.destroy();
      const noSuchKind = !asked && offered.size > 0;
      const otherKey = asked && !matched;
      if (!(otherKey || noSuchKind || lacksKind(error)) || signal.aborted) {
        throw asFailure(error, `SSH to ${hostPlace(host)}`, signal);
      }
    }
  }
  throw unknownKey(host, [...offered]);
}

/** Rejects when the host ends the connection, with what it said before; node-ssh calls that, too, no response in time. */
function untilTurnedAway(connection: NonNullable<NodeSSH['connection']>, host: Host): Promise<never> {
  let said = '';
  connection.on('banner', (text) => {
    said = firstLine(text);
  });
  return new Promise((_settle, reject) => {
    connection.prependOnceListener('close', () => {
      const why = said === '' ? 'said no reason' : `said: ${said}`;
      const sentence = `SSH to ${hostPlace(host)} ended the connection before the login was complete and ${why}; look at its log with journalctl -u ssh.`;
      reject(new Failure('connection-refused', sentence));
    });
  });
}

/** What a host says to whoever logs in, short enough for one sentence. */
function firstLine(text: string): string {
  const line = text.trim().split(/[\r\n]/, 1)[0] ?? '';
  return line.replace(/\p{C}/gu, '').slice(0, 200).replace(/\.$/, '');
}

function requireKey(host: Host): void {
  if (/^-----BEGIN [A-Z ]*PRIVATE KEY-----/.test(host.privateKey.reveal().trimStart())) return;
  throw new Failure(
    'config-invalid',
    `The private key for ${hostPlace(host)} is none; give the whole text of the file that ssh-keygen wrote, with its first and last line.`,
  );
}

/** ssh2 has no code of its own for "no key of that kind"; it is the only handshake error before a key was shown. */
function lacksKind(error: unknown): boolean {
  return error instanceof Error && Reflect.get(error, 'level') === 'handshake';
}

function unknownKey(host: Host, offered: readonly string[]): Failure {
  const shown = offered.join(', ') || 'no key of a supported kind';
  return new Failure(
    'host-key-unknown',
    `${hostPlace(host)} showed ${shown}, pinned is ${host.hostKey}; if the host was set up anew, pin the new key after asking its owner, else somebody stands in between.`,
  );
}

/** A public key's fingerprint as `ssh-keygen -l` prints it: SHA-256 in base64 without padding. */
export function fingerprintOf(key: Buffer): string {
  return `SHA256:${createHash('sha256').update(key).digest('base64').replace(/=+$/, '')}`;
}
