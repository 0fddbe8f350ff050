import { describe, expect, test } from 'vitest';
import { type LintGround, lintRunbooks, type RuleAlert } from '../../src/runbooks/lint.ts';
import { parseRunbook } from '../../src/runbooks/parse.ts';

const good = `---
title: The disk is full
alerts: [DiskFull]
severity: high
owner: ops
reviewed: 2026-11-20
tags: [disk]
---

## Meaning

See [what to do](#mitigation), [the other](other.md) and [the page](https://example.com/disk).

## Impact

## Diagnosis

\`\`\`yaml step
uses: host/disk
with: { path: / }
\`\`\`

## Mitigation

## Escalation
`;

const rule = (name: string, annotations: Readonly<Record<string, string>> = {}): RuleAlert => ({
  ...{ name, annotations, labels: {}, file: 'rules.yaml', line: 7 },
});

const ground = (rest: Partial<LintGround> = {}): LintGround => ({
  now: Date.parse('2026-11-23T03:00:00Z'),
  alerts: [rule('DiskFull')],
  groups: ['ops'],
  stepFaults: () => [],
  exists: (path) => path === 'other.md',
  textOf: () => '## First steps\n',
  ...rest,
});

/** What is said of the runbook when a part of its text is another, as `line: message`. */
function lint(from: string | RegExp, to: string, rest: Partial<LintGround> = {}): readonly string[] {
  const text = good.replace(from, to);
  const parsed = parseRunbook('disk-full', text);
  if ('faults' in parsed) throw new Error(JSON.stringify(parsed.faults));
  const faults = lintRunbooks([{ file: 'disk-full.md', text, runbook: parsed.runbook }], ground(rest));
  return faults.map(({ file, line, message }) => `${file}:${line ?? ''} ${message}`);
}

describe('linting runbooks', () => {
  test('finds nothing wrong with one that is in order', () => {
    expect(lint('', '')).toEqual([]);
    expect(lint('other.md', 'other.md#first-steps')).toEqual([]);
  });

  test.each([
    ['## Escalation', '', 'disk-full.md: has no heading "Escalation"'],
    ['reviewed: 2026-11-20', 'reviewed: 2026-08-01', 'disk-full.md:6 was reviewed 114 days ago'],
    ['reviewed: 2026-11-20\n', '', 'disk-full.md: was never reviewed'],
    [
      'reviewed: 2026-11-20',
      'reviewed: 2027-01-01',
      'disk-full.md:6 was reviewed on 2027-01-01, which is yet',
    ],
    ['owner: ops', 'owner: opps', 'disk-full.md:5 there is no group "opps"'],
    ['owner: ops\n', '', 'disk-full.md: has no owner'],
    ['## Impact\n', '## Impact\n\nTODO\n', 'disk-full.md:16 "TODO" is a placeholder'],
    ['## Impact\n', '## Impact\n\nAsk <your-team>.\n', 'disk-full.md:16 "<your-team>" is a placeholder'],
    ['#mitigation', '#mitigaton', 'disk-full.md:12 there is no heading for #mitigaton'],
    ['other.md', 'other.md#last-steps', 'disk-full.md:12 there is no heading for #last-steps in other.md'],
    ['other.md', 'gone.md', 'disk-full.md:12 gone.md leads nowhere'],
    ['https://example.com/disk', 'javascript:alert(1)', 'disk-full.md:12 a link to javascript:alert(1'],
    ['https://example.com/disk', 'ftp://example.com', 'disk-full.md:12 a link to ftp://example.com'],
    ['https://example.com/disk', 'http://[', 'disk-full.md:12 http://'],
    ['alerts: [DiskFull]', 'alerts: [DiskFull, DiscFull]', 'disk-full.md:3 answers the alert DiscFull'],
  ])('tells of %j that is %j', (from, to, told) => {
    const found = lint(from, to);

    expect(found).toHaveLength(1);
    expect(found[0]?.startsWith(told), found[0]).toBe(true);
  });

  test('tells of a step with its line', () => {
    const found = lint('', '', { stepFaults: ({ uses }) => [`there is no step ${uses}`] });

    expect(found).toEqual(['disk-full.md:19 there is no step host/disk']);
  });

  test('tells of an alert without a runbook, unless its annotation leads to one', () => {
    const alerts = [rule('DiskFull'), rule('Other'), rule('Third', { runbook: 'disk-full' })];

    expect(lint('', '', { alerts })).toEqual(['rules.yaml:7 the alert Other has no runbook']);
  });

  test('says nothing of alerts without rules, nor of headings that nobody is called for', () => {
    const { alerts: _alerts, ...bare } = ground();
    const text = good.replace('[DiskFull]', '[]').replace('## Escalation', '');
    const parsed = parseRunbook('disk-full', text);
    if ('faults' in parsed) throw new Error('it parses');

    expect(lintRunbooks([{ file: 'disk-full.md', text, runbook: parsed.runbook }], bare)).toEqual([]);
  });
});
