import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { Registry } from 'prom-client';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { createAlertMetrics } from '../src/alerting/alert-metrics.ts';
import { createMetrics } from '../src/metrics.ts';
import { describeWith } from './support/parts.ts';

const run = promisify(execFile);
const monitoring = fileURLToPath(new URL('../monitoring/', import.meta.url));

interface Rules {
  readonly groups: readonly {
    readonly rules: readonly {
      readonly alert: string;
      readonly expr: string;
      readonly labels: Readonly<Record<string, string>>;
      readonly annotations: Readonly<Record<string, string>>;
    }[];
  }[];
}

async function rulesOf(file: string): Promise<Rules['groups'][number]['rules']> {
  const text = await readFile(join(monitoring, 'rules', file), 'utf8');
  return (parse(text) as Rules).groups.flatMap(({ rules }) => rules);
}

test('every alert says what is wrong, and how bad it is in a word that Slipway knows', async () => {
  for (const file of await readdir(join(monitoring, 'rules'))) {
    for (const { alert, labels, annotations } of await rulesOf(file)) {
      expect(['critical', 'error', 'warning', 'info'], alert).toContain(labels.severity);
      expect(annotations.summary?.length ?? 0, alert).toBeGreaterThan(10);
    }
  }
});

test('the rules about Slipway ask for nothing that it does not measure', async () => {
  const { registry } = createMetrics({ depths: async () => ({ phases: 0, timers: 0, views: 0, calls: 0 }) });
  createAlertMetrics(registry);
  const known = Registry.merge([registry])
    .getMetricsAsArray()
    .flatMap(({ name }) => [name, `${name}_bucket`]);
  const asked = (await rulesOf('slipway.yaml')).flatMap(({ expr }) => expr.match(/slipway_[a-z_]+/g) ?? []);

  expect(asked.length).toBeGreaterThan(5);
  expect(asked.filter((name) => !known.includes(name))).toEqual([]);
});

describeWith('prometheus', 'the rules', () => {
  test('are what Prometheus takes, and fire when and only when they should', async () => {
    const tests = await readdir(join(monitoring, 'tests'));

    for (const name of await readdir(join(monitoring, 'rules'))) {
      await run('promtool', ['check', 'rules', join(monitoring, 'rules', name)]);
      expect(tests).toContain(name.replace('.yaml', '.test.yaml'));
    }
    await run('promtool', ['test', 'rules', ...tests], { cwd: join(monitoring, 'tests') });
  });

  test('are all in a test that expects them to fire', async () => {
    for (const name of await readdir(join(monitoring, 'rules'))) {
      const text = await readFile(join(monitoring, 'tests', name.replace('.yaml', '.test.yaml')), 'utf8');
      const { tests } = parse(text) as {
        tests: { alert_rule_test: { alertname: string; exp_alerts: unknown[] }[] }[];
      };
      const fired = tests
        .flatMap(({ alert_rule_test: expected }) => expected)
        .filter(({ exp_alerts }) => exp_alerts.length > 0)
        .map(({ alertname }) => alertname);

      expect(
        (await rulesOf(name)).map(({ alert }) => alert).filter((alert) => !fired.includes(alert)),
      ).toEqual([]);
    }
  });
});

describeWith('alertmanager', 'the example for Alertmanager', () => {
  test('is what Alertmanager takes', async () => {
    const dir = await mkdtemp(join(tmpdir(), 'slipway-monitoring-'));
    const broken = join(dir, 'broken.yaml');
    const example = join(monitoring, 'alertmanager.example.yaml');
    await writeFile(
      broken,
      (await readFile(example, 'utf8')).replace('receiver: slipway', 'receiver: nobody'),
    );

    try {
      await run('amtool', ['check-config', example]);
      await expect(run('amtool', ['check-config', broken])).rejects.toMatchObject({
        stdout: expect.stringContaining('nobody'),
      });
    } finally {
      await rm(dir, { recursive: true, force: true });
    }
  });
});
