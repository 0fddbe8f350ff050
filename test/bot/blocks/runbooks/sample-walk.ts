import type { WalkthroughView } from '../../../../src/bot/blocks/runbooks/walkthrough-view.ts';
import { parseRunbook } from '../../../../src/runbooks/parse.ts';
import type { Runbook } from '../../../../src/runbooks/runbook.ts';
import type { StepRun, Walkthrough } from '../../../../src/walkthroughs/walkthrough.ts';

export const now = Date.parse('2026-11-23T03:00:00Z');

/** The text of a runbook of every kind of part: three tasks in the diagnosis, two steps of which the second changes something. */
export const sampleText = `---
title: Redis memory on {{ labels.instance }}
alerts: [RedisMemory]
severity: high
owner: oncall
reviewed: 2026-11-20
tags: [redis]
---

## Meaning

Redis on \`{{ labels.instance }}\` uses most of its memory.

## Impact

Logins fail.

## Diagnosis

- [ ] How full is it?

  \`\`\`yaml step
  title: Redis has room
  uses: redis/memory
  with:
    url: \${REDIS_URL}
    free: 10%
  \`\`\`

  - More than 90 %: go on.

- [ ] Who fills it?

  \`\`\`sh
  redis-cli --bigkeys
  \`\`\`

- [ ] Did it grow **suddenly**?

## Mitigation

\`\`\`yaml step
title: Restart the workers
uses: ssh/command
with: { host: app, run: [systemctl, restart, workers] }
\`\`\`

## Escalation

Wake [the owner](contacts.md).
`;

/** A runbook of this text; throws what is wrong with it. */
export function runbookOf(text: string): Runbook {
  const parsed = parseRunbook('redis-memory', text);
  if ('faults' in parsed) throw new Error(JSON.stringify(parsed.faults));
  return parsed.runbook;
}

/** What is shown of an opened runbook, in a thread of production, with nothing done yet. */
export function viewOf({
  text = sampleText,
  evidence = {},
  ...some
}: Partial<Walkthrough> & {
  readonly text?: string;
  readonly evidence?: WalkthroughView['evidence'];
} = {}): WalkthroughView {
  const runbook = runbookOf(text);
  const parts = runbook.sections.flatMap((section) => section.parts);
  const walkthrough: Walkthrough = {
    id: 'walk-0123456789abcdef',
    runbook: { name: runbook.name, title: runbook.title, hash: runbook.hash },
    tasks: parts.flatMap((part) => (part.kind === 'task' ? [part.id] : [])),
    steps: Object.fromEntries(
      parts.flatMap((part) =>
        part.kind === 'step' ? [[part.id, { changes: part.uses === 'ssh/command' }]] : [],
      ),
    ),
    place: { channel: 'C0ALERTS', thread: '1764000000.000100' },
    environment: 'production',
    labels: { instance: 'redis:6379' },
    openedBy: 'U0ALICE',
    openedAt: now - 60_000,
    isWhole: false,
    ticks: {},
    runs: {},
    remarks: [],
    remarksSoFar: 0,
    ...some,
  };
  return { walkthrough, runbook, now, evidence };
}

/** A run of a step that ended well. */
export const satisfied: StepRun = {
  number: 2,
  attempt: 1,
  status: 'satisfied',
  by: 'U0BOB',
  at: now - 5_000,
  endedAt: now - 2_000,
  evidence: 'h1',
};
