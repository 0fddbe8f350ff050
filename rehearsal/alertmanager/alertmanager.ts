import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { stringify } from 'yaml';
import { freePort } from '../world/free-port.ts';

const program = '/usr/bin/prometheus-alertmanager';

/** Whether Debian's Alertmanager is installed here. */
export function hasAlertmanager(): boolean {
  return existsSync(program);
}

/** What an Alertmanager's configuration says; spans are written as in Go (`1s`). */
export interface AlertmanagerOptions {
  /** Keeps the configuration, the silences and what was notified. */
  readonly dir: string;
  /** Where its webhooks go; without one nothing is told to anybody. */
  readonly webhookUrl?: string;
  /** Where its own Slack receiver posts, beside the webhook. */
  readonly slackUrl?: string;
  /** The bearer token that its webhooks carry. */
  readonly token?: string;
  readonly receiver?: string;
  readonly groupBy?: readonly string[];
  readonly groupWait?: string;
  readonly groupInterval?: string;
  readonly repeatInterval?: string;
  /** How many alerts a webhook carries at most; 0 is no limit. */
  readonly maxAlerts?: number;
  /** Below which path everything is served. */
  readonly prefix?: string;
  /** The port of an earlier one that is started again. */
  readonly port?: number;
  /** Whether it gossips; `join` names the cluster addresses of peers that are there already. */
  readonly cluster?: { readonly join?: readonly string[] };
}

/** A real Alertmanager on loopback. */
export interface Alertmanager {
  /** With its prefix, without a slash at the end. */
  readonly url: string;
  readonly port: number;
  /** Where its peers reach it; empty without a cluster. */
  readonly clusterAddress: string;
  /** Ends it as an operator would; its silences are on disk afterwards. */
  readonly stop: () => Promise<void>;
  /** Ends it as a power cut would. */
  readonly kill: () => Promise<void>;
  /** Makes it hang with its connections open, until `resume`. */
  readonly pause: () => void;
  readonly resume: () => void;
}

/** Starts Debian's prometheus-alertmanager (0.25) and waits until its API answers; throws when it ends at once. */
export async function startAlertmanager(options: AlertmanagerOptions): Promise<Alertmanager> {
  const dir = resolve(options.dir);
  const { prefix = '', cluster } = options;
  await mkdir(dir, { recursive: true });
  const config = join(dir, 'alertmanager.yml');
  // It holds a token.
  await writeFile(config, stringify(configOf(options)), { mode: 0o600 });
  const port = await freePort(options.port);
  const clusterAddress = cluster === undefined ? '' : `127.0.0.1:${await freePort()}`;
  const child = spawn(
    program,
    [
      `--config.file=${config}`,
      `--storage.path=${join(dir, 'data')}`,
      `--web.listen-address=127.0.0.1:${port}`,
      `--web.external-url=http://127.0.0.1:${port}${prefix}`,
      `--cluster.listen-address=${clusterAddress}`,
      // The defaults would let the second peer wait for a minute before its first word.
      '--cluster.settle-timeout=0s',
      '--cluster.peer-timeout=1s',
      ...(cluster?.join ?? []).map((peer) => `--cluster.peer=${peer}`),
    ],
    { stdio: ['ignore', 'ignore', 'pipe'], detached: true },
  );
  let said = '';
  child.stderr.on('data', (chunk: Buffer) => {
    said = (said + chunk.toString('utf8')).slice(-4_000);
  });
  const killAtExit = () => void child.kill('SIGKILL');
  process.once('exit', killAtExit);
  const url = `http://127.0.0.1:${port}${prefix}`;
  const end = (signal: NodeJS.Signals) => async (): Promise<void> => {
    process.off('exit', killAtExit);
    await ended(child, signal);
  };
  try {
    await answering(`${url}/-/ready`, child);
  } catch (error) {
    await end('SIGKILL')();
    throw new Error(`Alertmanager does not answer. It said: ${said}`, { cause: error });
  }
  return {
    url,
    port,
    clusterAddress,
    stop: end('SIGTERM'),
    kill: end('SIGKILL'),
    pause: () => void child.kill('SIGSTOP'),
    resume: () => void child.kill('SIGCONT'),
  };
}

function configOf(options: AlertmanagerOptions): unknown {
  const { webhookUrl, slackUrl, token, receiver = 'slipway', maxAlerts = 0 } = options;
  const authorization = token === undefined ? {} : { http_config: { authorization: { credentials: token } } };
  const hook = { url: webhookUrl, send_resolved: true, max_alerts: maxAlerts, ...authorization };
  return {
    route: {
      receiver,
      group_by: options.groupBy ?? ['alertname'],
      group_wait: options.groupWait ?? '0s',
      group_interval: options.groupInterval ?? '1s',
      repeat_interval: options.repeatInterval ?? '1h',
    },
    receivers: [
      {
        name: receiver,
        ...(webhookUrl === undefined ? {} : { webhook_configs: [hook] }),
        ...(slackUrl === undefined ? {} : { slack_configs: [{ api_url: slackUrl, channel: '#alerts' }] }),
      },
    ],
  };
}

async function ended(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exit = once(child, 'exit');
  child.kill('SIGCONT');
  child.kill(signal);
  await exit;
}

/** Waits until an address answers with 200 while the process lives; throws after twenty seconds. */
async function answering(url: string, child: ChildProcess): Promise<void> {
  for (const until = performance.now() + 20_000; performance.now() < until; await sleep(20)) {
    if (child.exitCode !== null || child.signalCode !== null) throw new Error('it ended at once');
    const response = await fetch(url, { signal: AbortSignal.timeout(2_000) }).catch(() => undefined);
    await response?.body?.cancel();
    if (response?.ok) return;
  }
  throw new Error('not within twenty seconds');
}
