// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the dollar notation is the runbook's own.
import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { lint, list, show } from '../../src/cli/runbooks.ts';
import { loadConfig } from '../../src/config.ts';
import { findStep } from '../../src/steps/registry.ts';

// The day on which our own runbooks were written; that they age is for `slipway runbooks lint` to say, not for a test.
const now = Date.parse('2026-11-23T03:00:00Z');

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'slipway-lint-'));
  await mkdir(join(folder, 'incidents'));
});

afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

async function linted(runbooks: string, rules: readonly string[] = ['monitoring/rules']) {
  const loaded = await loadConfig({
    file: 'slipway.example.yaml',
    env: {},
    need: { slack: false, secrets: false },
  });
  const config = 'config' in loaded ? loaded.config : loaded.draft;
  if (config === undefined) throw new Error('the example cannot be read');
  const printed: string[] = [];
  const out = { write: (text: string) => void printed.push(text) };
  const code = await lint({ runbooks, rules, config, findStep, now, out });
  return { code, printed: printed.join('') };
}

describe('slipway runbooks lint', () => {
  test('finds nothing wrong with our own runbooks, alerts and steps', async () => {
    const { code, printed } = await linted('runbooks');

    expect(printed).toMatch(/^\d+ runbooks, nothing is wrong\.\n$/);
    expect(code).toBe(0);
  });

  test('tells of each fault with its file and line, and ends with another code than 0', async () => {
    await cp('runbooks/incidents/rollback.md', join(folder, 'incidents/rollback.md'));
    await writeFile(join(folder, 'incidents/broken.md'), '---\ntitle: [\n---\n');
    await writeFile(
      join(folder, 'incidents/steps.md'),
      `---
title: Steps
owner: oncall
reviewed: 2026-11-20
---
\`\`\`yaml step
uses: redis/nothing
\`\`\`

\`\`\`yaml step
uses: postgres/query
with: { url: "\${NOBODY_KNOWS}", sql: select 1 }
\`\`\`

\`\`\`yaml step
uses: http/request
with: { url: "https://{{ labels.instance }}/health", metod: GET }
\`\`\`
`,
    );

    const { code, printed } = await linted(folder, []);

    expect(code).not.toBe(0);
    expect(printed).toMatch(/^broken\.md:\d+: /m);
    expect(printed).toMatch(/^steps\.md:7: there is no step redis\/nothing/m);
    expect(printed).toMatch(/^steps\.md:11: \$\{NOBODY_KNOWS\} of postgres\/query has no value/m);
    expect(printed).toMatch(/^steps\.md:16: http\/request: .*metod/m);
  });

  test('tells of our own alerts when their runbooks are gone', async () => {
    const { code, printed } = await linted(folder);

    expect(code).not.toBe(0);
    expect(printed).toMatch(/softfactory\.yaml:\d+: the alert ApiDown has no runbook/);
  });
});

describe('slipway runbooks list and show', () => {
  test('print what there is', async () => {
    const printed: string[] = [];
    const out = { write: (text: string) => void printed.push(text) };

    const listed = await list({ runbooks: 'runbooks', out });
    const shown = await show({ runbooks: 'runbooks', out, name: 'rollback' });
    const missed = await show({ runbooks: 'runbooks', out, name: 'rolback' });

    expect([listed, shown, missed]).toEqual([0, 0, 2]);
    expect(printed[0]).toMatch(/^api-down +critical +oncall +2026-\d\d-\d\d +ApiDown$/m);
    expect(printed[1]).toContain('title: Rollback by severity');
    expect(printed[2]).toContain('did you mean "rollback"?');
  });
});
