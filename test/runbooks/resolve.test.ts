import { describe, expect, test } from 'vitest';
import { labelsFor, runbookFor, runbookForGroup } from '../../src/runbooks/resolve.ts';
import type { Runbook } from '../../src/runbooks/runbook.ts';

function runbook(name: string, ...alerts: readonly string[]): Runbook {
  return { name, title: name, alerts, tags: [], hash: '', sections: [] };
}

const runbooks = [
  runbook('api-down', 'ApiDown', 'ApiUnreachable'),
  runbook('high-error-rate'),
  runbook('kube-pod-oom-killed'),
  runbook('postgresql-down'),
  runbook('redis-memory', 'RedisMemoryHigh', 'ApiDown'),
];

interface Says {
  readonly labels?: Record<string, string>;
  readonly annotations?: Record<string, string>;
}

const of = ({ labels = {}, annotations = {} }: Says) => runbookFor(runbooks, { labels, annotations })?.name;

describe('an alert', () => {
  test.each([
    ['https://runbooks.example/redis-memory', 'redis-memory'],
    ['https://runbooks.example/a/b/redis-memory.md', 'redis-memory'],
    ['https://runbooks.example/redis-memory.md?plain=1#mitigation', 'redis-memory'],
    ['https://runbooks.example/Redis-Memory.MD', 'redis-memory'],
    ['https://runbooks.example/redis-memory/', 'redis-memory'],
    ['https://runbooks.example/redis%2Dmemory.html', 'redis-memory'],
    ['https://wiki.example/HighErrorRate', 'high-error-rate'],
    ['https://wiki.example/kubepodoomkilled', 'kube-pod-oom-killed'],
    ['incidents/redis-memory.md', 'redis-memory'],
    ['incidents\\redis-memory.md', 'redis-memory'],
    [' redis-memory\n', 'redis-memory'],
    ['Redis memory', 'redis-memory'],
    ['https://runbooks.example/%E0%A4%A', undefined],
    ['https://runbooks.example/nothing', undefined],
    ['https://runbooks.example/nothing#redis-memory', undefined],
    ['../../../etc/passwd', undefined],
    ['///', undefined],
    ['', undefined],
    ['__proto__', undefined],
    [`${'a/'.repeat(3_000)}redis-memory`, undefined],
  ])('that says %j by annotation or label leads to %s', (text, name) => {
    for (const key of ['runbook_url', 'runbook']) {
      expect(of({ annotations: { [key]: text } })).toBe(name);
      expect(of({ labels: { [key]: text } })).toBe(name);
    }
  });

  test.each([
    ['ApiUnreachable', 'api-down'],
    ['ApiDown', 'api-down'],
    ['HighErrorRate', 'high-error-rate'],
    ['High error_rate', 'high-error-rate'],
    ['KubePodOOMKilled', 'kube-pod-oom-killed'],
    ['PostgreSQLDown', 'postgresql-down'],
    ['REDISMemory', 'redis-memory'],
    ['HighErrorRateOfApi', undefined],
    ['', undefined],
    ['---', undefined],
  ])('that is called %j and says no more leads to %s', (alertname, name) => {
    expect(of({ labels: { alertname } })).toBe(name);
  });

  test('is led by what it says first: an address, a name, its own name', () => {
    const labels = { alertname: 'ApiDown', runbook: 'high-error-rate' };

    expect(of({ labels, annotations: { runbook_url: 'https://r.example/redis-memory' } })).toBe(
      'redis-memory',
    );
    expect(of({ labels, annotations: { runbook_url: 'https://r.example/elsewhere' } })).toBe(
      'high-error-rate',
    );
    expect(of({ labels: { alertname: 'ApiDown' } })).toBe('api-down');
    expect(of({ labels: { runbook: 'api-down' }, annotations: { runbook: 'redis-memory' } })).toBe(
      'redis-memory',
    );
    expect(of({})).toBeUndefined();
  });
});

test('a library that has changed is asked anew', () => {
  let all: readonly Runbook[] = [];
  const library = { all: () => all };
  const alert = { labels: { alertname: 'ApiDown' }, annotations: {} };
  expect(runbookFor(library, alert)).toBeUndefined();

  all = runbooks;

  expect(runbookFor(library, alert)?.name).toBe('api-down');
});

describe('a group of alerts', () => {
  const group = {
    groupLabels: { alertname: 'Odd' },
    commonLabels: { alertname: 'Odd' },
    commonAnnotations: {},
  };
  const alert = (name: string) => ({ labels: { alertname: name }, annotations: {} });

  test('leads to what its alerts have in common before what one of them says', () => {
    const common = { ...group, commonAnnotations: { runbook_url: 'https://r.example/redis-memory' } };

    expect(runbookForGroup(runbooks, common, [alert('ApiDown')])?.name).toBe('redis-memory');
  });

  test('leads to the runbook of its first alert that has one', () => {
    const alerts = [alert('Odd'), alert('HighErrorRate'), alert('ApiDown')];

    expect(runbookForGroup(runbooks, group, alerts)?.name).toBe('high-error-rate');
    expect(runbookForGroup(runbooks, group, [])).toBeUndefined();
  });

  test('fills in what its alerts share, and everything of one that fires alone', () => {
    const labels = {
      commonLabels: { job: 'api', team: 'a' },
      groupLabels: { alertname: 'Odd' },
      commonAnnotations: {},
    };
    const one = { status: 'firing' as const, labels: { alertname: 'Odd', job: 'api', instance: '1' } };
    const other = { ...one, labels: { ...one.labels, instance: '2' } };
    const ended = { ...other, status: 'resolved' as const };

    expect(labelsFor(labels, [one, other])).toEqual({ alertname: 'Odd', job: 'api', team: 'a' });
    expect(labelsFor(labels, [one, ended])).toMatchObject({ instance: '1', team: 'a' });
    expect(labelsFor(labels, [ended])).toMatchObject({ instance: '2' });
    expect(labelsFor(labels, [])).toEqual({ alertname: 'Odd', job: 'api', team: 'a' });
  });

  test('keeps a label that is called like a prototype a label', () => {
    const hostile: Record<string, string> = JSON.parse('{"__proto__": "x"}');

    const labels = labelsFor({ ...group, commonLabels: hostile }, []);

    expect(Object.getOwnPropertyNames(labels)).toContain('__proto__');
    expect(Object.getPrototypeOf(labels)).toBe(Object.prototype);
  });
});
