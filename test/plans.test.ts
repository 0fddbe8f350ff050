// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the dollar notation is the plan's own.
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { z } from 'zod';
import type { Environment } from '../src/config.ts';
import { loadPlan, loadPlans, type PlanUsers } from '../src/plans.ts';
import { Secret } from '../src/secret.ts';
import { defineStep, HostName, satisfied, Text } from '../src/steps/step.ts';
import { formatProblems } from '../src/yaml-file.ts';

const look = defineStep({
  uses: 'web/look',
  summary: 'A page answers.',
  with: z.strictObject({ url: Text, status: z.int().default(200), agent: z.string().optional() }),
  timeout: '5s',
  check: async () => satisfied(),
});
const ask = defineStep({
  uses: 'people/confirm',
  summary: 'Somebody says so.',
  with: z.strictObject({ prompt: z.string(), from: z.array(z.string()) }),
  timeout: '5s',
  check: async () => satisfied(),
});
const run = defineStep({
  uses: 'ssh/command',
  summary: 'A command has run.',
  with: z.strictObject({ host: HostName, command: z.array(z.string()) }),
  timeout: '5s',
  check: async () => satisfied(),
});
const steps = [look, ask, run];

const production: Environment = {
  name: 'production',
  channel: 'C0LAUNCH',
  plan: 'shop',
  may: { deploy: ['deployer'], rollback: [], lock: [] },
  selfApproval: false,
  values: { API_URL: 'https://shop', STATUS: '204', TOKEN: new Secret('TOKEN', 't') },
  hosts: {},
};
const staging: Environment = {
  ...production,
  name: 'staging',
  values: { ...production.values, STATUS: 'ok' },
};
const users = {
  environments: { production, staging },
  groups: { deployer: ['U0ALICE'], approver: ['U0BOB'], crew: ['U0ALICE', 'U0BOB'], team: ['S0TEAM'] },
};

const good = `name: shop
title: The shop
phases:
  - id: first
    title: First
    gate: { approvals: { approver: 1 } }
    steps:
      - id: look
        uses: web/look
        with: { url: "\${API_URL}/\${VERSION}", status: 204, agent: "for \${ENVIRONMENT}" }
        covers: [PRE-01, ENV-01..ENV-03]
  - id: second
    title: Second
    needs: [first]
    steps:
      - id: token
        uses: web/look
        with: { url: "\${TOKEN}" }
rollback:
  high:
    phases:
      - id: back
        title: Back
        steps: [{ id: ask, uses: people/confirm, with: { prompt: ok?, from: [crew] } }]
watch:
  for: 7d
  every: 10m
  steps: [{ id: look, uses: web/look, with: { url: "\${API_URL}" } }]
`;

let runbooks: string;

beforeEach(async () => {
  runbooks = await mkdtemp(join(tmpdir(), 'slipway-plans-'));
  await mkdir(join(runbooks, 'deploy'));
  await writeFile(
    join(runbooks, 'checklist.tsv'),
    'id\tphase\titem\tdetails\nPRE-01\tPre\tone\t\nENV-01\tEnv\ta\t\nENV-02\tEnv\tb\t\nENV-03\tEnv\tc\t\n',
  );
});

afterEach(async () => {
  await rm(runbooks, { recursive: true, force: true });
});

async function told(text: string, against: PlanUsers | 'none' = users): Promise<string[]> {
  await writeFile(join(runbooks, 'deploy', 'shop.yaml'), text);
  const { problems } = await loadPlan(runbooks, 'shop', steps, against === 'none' ? undefined : against);
  return formatProblems(problems).replaceAll(`${runbooks}/deploy/`, '').trimEnd().split('\n');
}

describe('a plan', () => {
  test('is loaded when nothing is wrong', async () => {
    await writeFile(join(runbooks, 'deploy', 'shop.yaml'), good);

    const { plans, problems } = await loadPlans(runbooks, steps, users);

    expect(problems).toEqual([]);
    expect(plans.get('shop')?.phases.map(({ id }) => id)).toEqual(['first', 'second']);
  });

  test('takes the commit only where versions are looked up, and says so with the line', async () => {
    const text = good.replace('url: "${TOKEN}"', 'url: "${COMMIT}", agent: "${PREVIOUS_IMAGE_DIGEST}"');
    const source = { repository: 'file:///shop' };

    const none = await told(text);
    const some = await told(text, {
      ...users,
      environments: { production: { ...production, source }, staging },
    });
    const whole = await told(text, {
      ...users,
      environments: { production: { ...production, source: { ...source, image: 'localhost/shop' } } },
    });

    expect(none).toEqual([
      'shop.yaml:18:22  phases[1].steps[0].with.url: ${COMMIT} is known only where versions are looked up; give the environment a source with its repository (in production, staging)',
      'shop.yaml:18:42  phases[1].steps[0].with.agent: ${PREVIOUS_IMAGE_DIGEST} is known only where versions are looked up; give the environment a source with an image (in production, staging)',
    ]);
    expect(some.join('\n')).toMatch(/repository \(in staging\)\n.*image \(in production, staging\)$/);
    expect(whole).toEqual(['']);
    expect(await told(text, 'none')).toEqual(['']);
  });

  test('names a circle of needs with the lines of its phases', async () => {
    const lines = await told(good.replace('title: First', 'title: First\n    needs: [second]'));

    expect(lines).toEqual([
      'shop.yaml:6:5  phases[0].needs: the needs go in a circle: first (line 4) → second (line 13) → first (line 4)',
    ]);
  });

  test.each([
    [
      'needs: [first]',
      'needs: [fist]',
      'shop.yaml:14:13  phases[1].needs[0]: there is no phase "fist" here; did you mean "first"?',
    ],
    [
      'id: second',
      'id: first',
      'shop.yaml:12:9  phases[1].id: the phase of line 4 is called "first" too; choose another id',
    ],
    [
      'uses: web/look',
      'uses: web/lok',
      'shop.yaml:9:15  phases[0].steps[0].uses: there is no step "web/lok"; did you mean "web/look"?',
    ],
    [
      'uses: web/look',
      'uses: mainframe/boot',
      'there is no step "mainframe/boot"; there is web/look, people/confirm, ssh/command',
    ],
    [
      'status: 204',
      'staus: 204',
      'shop.yaml:10:47  phases[0].steps[0].with.staus: unknown key "staus"; did you mean "status"? (in production, staging)',
    ],
    ['status: 204', 'status: "204"', 'with.status: found "204", expected a number (in production, staging)'],
    ['status: 204', 'status: "${STATUS}"', 'with.status: found "ok", expected a number (in staging)'],
    [
      'for ${ENVIRONMENT}',
      '${TOKEN}',
      'with.agent: takes text, not a secret: what stands here is not kept secret; use a variable instead of TOKEN',
    ],
    [
      'url: "${API_URL}"',
      'url: "${API_ULR}"',
      'watch.steps[0].with.url: ${API_ULR} has no value; set API_ULR under variables or secrets; did you mean "API_URL"?',
    ],
    [
      'ENV-01..ENV-03',
      'ENV-01..ENV-09',
      'shop.yaml:11:26  phases[0].steps[0].covers[1]: ENV-01..ENV-09 does not stand in the checklist',
    ],
    [
      'approver: 1',
      'aprover: 1',
      'shop.yaml:6:26  phases[0].gate.approvals.aprover: there is no group "aprover" in the configuration; did you mean "approver"?',
    ],
    [
      'approver: 1',
      'approver: 2',
      'phases[0].gate.approvals: wants 2 of approver from different people, which can never be: approver has 1',
    ],
    ['approver: 1', 'approver: 1, crew: 2', 'wants 1 of approver and 2 of crew from different people'],
    ['approver: 1', 'approver: 1, crew: 1', 'but whoever may deploy to production is needed to approve'],
    [
      'from: [crew]',
      'from: [crow]',
      'rollback.high.phases[0].steps[0].with.from[0]: there is no group "crow"',
    ],
    ['every: 10m', 'every: 8d', 'shop.yaml:27:10  watch.every: is longer than the whole watch'],
    ['name: shop', 'name: shoe', 'shop.yaml:1:7  name: found "shoe", expected the name of the file, shop'],
    ['high:', 'hihg:', 'rollback.hihg: unknown key "hihg"; did you mean "high"?'],
    ['for: 7d', 'for: a week', 'watch.for: found "a week", expected a duration such as 30s, 10m, 2h or 7d'],
    [
      'uses: people/confirm, with: { prompt: ok?, from: [crew] }',
      'uses: ssh/command, with: { host: app, command: [ls] }',
      'with.host: there is no host "app" in environment production; there is none',
    ],
  ])('is refused where %j became %j', async (from, to, message) => {
    const lines = await told(good.replace(from, to));

    expect(lines.join('\n')).toContain(message);
  });

  test('lets a group that only Slack knows meet any gate', async () => {
    const lines = await told(good.replace('approver: 1', 'team: 5'));

    expect(lines).toEqual(['']);
  });

  test('is checked without environments as far as it needs no values', async () => {
    const text = good.replace('url: "${API_URL}" }', 'ulr: x }');

    const lines = await told(text, 'none');

    expect(lines).toEqual([
      'shop.yaml:28:39  watch.steps[0].with.url: is missing; expected text or a secret',
      'shop.yaml:28:47  watch.steps[0].with.ulr: unknown key "ulr"; did you mean "url"?',
    ]);
  });

  test('is not blamed for a secret without a value, which is told where it is configured', async () => {
    const empty = { ...production, values: { ...production.values, TOKEN: new Secret('TOKEN', '') } };

    const lines = await told(good, { ...users, environments: { production: empty, staging } });

    expect(lines).toEqual(['']);
  });

  test('tells the problems of all plans', async () => {
    await writeFile(join(runbooks, 'deploy', 'a.yaml'), 'name: a\n');
    await writeFile(join(runbooks, 'deploy', 'b.yaml'), 'name: [\n');

    const { plans, problems } = await loadPlans(runbooks, steps);

    expect(plans.size).toBe(0);
    expect(new Set(problems.map(({ file }) => file.slice(-6)))).toEqual(new Set(['a.yaml', 'b.yaml']));
  });

  test('is missed when there is none', async () => {
    const { problems } = await loadPlans(runbooks, steps);

    expect(formatProblems(problems)).toContain('holds no plan');
  });
});
