import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Environment } from '../../../src/config.ts';
import { loadPlan } from '../../../src/plans.ts';
import { Secret } from '../../../src/secret.ts';
import { steps } from '../../../src/steps/registry.ts';

const host = {
  address: '127.0.0.1',
  port: 22,
  user: 'deploy',
  privateKey: new Secret('SSH_KEY', 'a'),
  hostKey: 'SHA256:a',
};
const environment: Environment = {
  name: 'production',
  channel: 'C0LAUNCH',
  plan: 'shop',
  may: { deploy: [], rollback: [], lock: [] },
  selfApproval: false,
  values: {},
  hosts: { app: host, es1: host },
};

const plan = `name: shop
title: The shop
phases:
  - id: search
    title: Search
    steps:
      - id: nori
        uses: elasticsearch/plugin
        with: { host: es1, hosts: [app, es3], url: 'http://es', plugin: analysis-nori }
      - id: filled
        uses: elasticsearch/documents
        with: { host: apq, url: 'http://es', index: posts, script: { directory: /opt, program: [ls] } }
      - id: counted
        uses: elasticsearch/documents
        with: { url: 'http://es', index: posts }
`;

test('a host that may be left out and hosts in a list must be known, and only those', async () => {
  const runbooks = await mkdtemp(join(tmpdir(), 'slipway-plans-'));
  await mkdir(join(runbooks, 'deploy'));
  await writeFile(join(runbooks, 'deploy', 'shop.yaml'), plan);

  const { problems } = await loadPlan(runbooks, 'shop', steps, {
    environments: { production: environment },
    groups: {},
  });
  await rm(runbooks, { recursive: true });

  expect(problems.map(({ path, message }) => `${path}: ${message}`)).toEqual([
    'phases[0].steps[0].with.hosts[1]: there is no host "es3" in environment production; did you mean "es1"?',
    'phases[0].steps[1].with.host: there is no host "apq" in environment production; did you mean "app"?',
  ]);
});
