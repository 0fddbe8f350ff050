import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { stringify } from 'yaml';
import { freePort } from '../world/free-port.ts';

const program = '/usr/bin/prometheus';

/** An alerting rule (https://prometheus.io/docs/prometheus/latest/configuration/alerting_rules/). */
export interface AlertRule {
  readonly alert: string;
  readonly expr: string;
  readonly for?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
}

/** What a Prometheus scrapes and tells; addresses are those of servers without a path, such as `http://127.0.0.1:9093`. */
export interface PrometheusOptions {
  readonly dir: string;
  readonly targets: readonly string[];
  readonly alertmanagers: readonly string[];
  readonly rules: readonly AlertRule[];
}

/** A real Prometheus on loopback. */
export interface Prometheus {
  readonly url: string;
  readonly stop: () => Promise<void>;
}

/** Starts Debian's prometheus (2.42), which scrapes and evaluates twice a second, and waits until it is ready. */
export async function startPrometheus(options: PrometheusOptions): Promise<Prometheus> {
  const dir = resolve(options.dir);
  await mkdir(dir, { recursive: true });
  const every = '500ms';
  const hosts = (urls: readonly string[]) => [{ targets: urls.map((url) => new URL(url).host) }];
  const config = join(dir, 'prometheus.yml');
  const rules = join(dir, 'rules.yml');
  await writeFile(rules, stringify({ groups: [{ name: 'rehearsal', rules: options.rules }] }));
  await writeFile(
    config,
    stringify({
      global: { scrape_interval: every, scrape_timeout: every, evaluation_interval: every },
      rule_files: [rules],
      alerting: { alertmanagers: [{ static_configs: hosts(options.alertmanagers) }] },
      scrape_configs: [{ job_name: 'rehearsal', static_configs: hosts(options.targets) }],
    }),
  );
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const child = spawn(
    program,
    [
      `--config.file=${config}`,
      `--storage.tsdb.path=${join(dir, 'data')}`,
      `--web.listen-address=127.0.0.1:${port}`,
      // An alert that nobody heard of is told again so soon; four times as long without a word from here ends it.
      '--rules.alert.resend-delay=3s',
    ],
    { stdio: ['ignore', 'ignore', 'pipe'], detached: true },
  );
  let said = '';
  child.stderr.on('data', (chunk: Buffer) => {
    said = (said + chunk.toString('utf8')).slice(-4_000);
  });
  const killAtExit = () => void child.kill('SIGKILL');
  process.once('exit', killAtExit);
  const isOver = () => child.exitCode !== null || child.signalCode !== null;
  const stop = async (): Promise<void> => {
    process.off('exit', killAtExit);
    if (isOver()) return;
    const exit = once(child, 'exit');
    child.kill('SIGTERM');
    await exit;
  };
  for (const until = performance.now() + 30_000; performance.now() < until && !isOver(); await sleep(20)) {
    const response = await fetch(`${url}/-/ready`, { signal: AbortSignal.timeout(2_000) }).catch(
      () => undefined,
    );
    await response?.body?.cancel();
    if (response?.ok) return { url, stop };
  }
  await stop();
  throw new Error(`Prometheus does not answer. It said: ${said}`);
}
