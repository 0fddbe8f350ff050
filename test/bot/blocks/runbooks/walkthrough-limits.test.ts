import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { crowdMentions } from '../../../../rehearsal/slack/mentions.ts';
import { characters } from '../../../../src/bot/blocks/fit.ts';
import { walkthroughSurfaces } from '../../../../src/bot/blocks/runbooks/walkthrough-surfaces.ts';
import type { WalkthroughView } from '../../../../src/bot/blocks/runbooks/walkthrough-view.ts';
import type { Surface } from '../../../../src/bot/blocks/surface.ts';
import type { StepRun } from '../../../../src/walkthroughs/walkthrough.ts';
import { nasty } from '../nasty.ts';
import { textOf } from '../text-of.ts';
import { anyMarkdown } from './any-markdown.ts';
import { pressesOf, whole } from './read-walk.ts';
import { now, sampleText, satisfied, viewOf } from './sample-walk.ts';
import { refusals } from './words.ts';

describe('a long runbook', () => {
  const body = Array.from(
    { length: 60 },
    (_, index) =>
      `- [ ] task number${index + 1} ${'words '.repeat(30)}\n\n  \`\`\`sh\n  command${index + 1}\n  \`\`\`\n`,
  ).join('\n');
  const text = `${sampleText}\n## More to do\n\n${body}`;
  const longest = 'x&'.repeat(500);

  test('takes several messages, in order, with nothing left out', () => {
    const read = whole(viewOf({ text, isWhole: true }));

    const numbers = [...read.matchAll(/number(\d+)/g)].map(([, number]) => Number(number));
    expect(numbers).toEqual(Array.from({ length: 60 }, (_, index) => index + 1));
  });

  test('keeps everything in its place and within the limits, whatever is ticked and run', () => {
    const before = walkthroughSurfaces(viewOf({ text, isWhole: true }));
    const { walkthrough } = viewOf({ text });
    const ticks = Object.fromEntries(
      walkthrough.tasks.map((task) => [
        task,
        { by: 'U0BOB', at: now, finding: longest, findingBy: 'U0CAROL' },
      ]),
    );
    const run: StepRun = {
      ...satisfied,
      status: 'failed',
      because: longest,
      decidedBy: 'U0CAROL',
      decidedAt: now,
    };

    const view = viewOf({
      text,
      isWhole: true,
      ticks,
      runs: { s1: run, s2: run },
      evidence: { h1: longest.repeat(20) },
    });
    const after = walkthroughSurfaces(view);

    expect(after.map(tasksIn)).toEqual(before.map(tasksIn));
    for (const { blocks } of after) {
      expect(refusals(blocks)).toEqual([]);
      expect(blocks.length).toBeLessThanOrEqual(50);
      expect(characters(blocks)).toBeLessThanOrEqual(12_000);
    }
  });

  test('ends with where the rest is when it is too long for any thread', () => {
    const endless = `${sampleText}\n## Endless\n\n${`${'& '.repeat(1_000)}\n\n`.repeat(120)}`;

    const surfaces = walkthroughSurfaces(viewOf({ text: endless, isWhole: true }));

    expect(surfaces).toHaveLength(30);
    expect(textOf(surfaces.at(-1)?.blocks ?? [])).toContain('the file redis-memory.md has it all');
  });
});

test('no runbook, label, finding or evidence makes a message that Slack refuses or that acts', () => {
  const body = fc.array(
    fc.oneof(
      anyMarkdown.map(({ markdown }) => markdown),
      nasty,
      nasty.map((one) => `- [ ] ${one}\n\n  ${one}`),
      fc.constant('- [ ] x\n\n  ```yaml step\n  uses: a/b\n  with: { c: "{{ labels.instance }}" }\n  ```'),
    ),
    { maxLength: 6 },
  );
  let opened = 0;

  fc.assert(
    fc.property(body, nasty, nasty, (parts, instance, said) => {
      const made = view(`${sampleText}\n## Diagnosis\n\n${parts.join('\n\n')}`, instance, said);
      if (made === undefined) return;
      opened += 1;

      for (const { blocks, text: line } of walkthroughSurfaces(made)) {
        expect(refusals(blocks)).toEqual([]);
        expect(blocks.length).toBeLessThanOrEqual(50);
        expect(characters(blocks)).toBeLessThanOrEqual(12_000);
        expect(crowdMentions([blocks, line], [])).toEqual([]);
        expect(new Set(idsOf(blocks)).size).toBe(idsOf(blocks).length);
      }
    }),
    { numRuns: 50 },
  );

  expect(opened).toBeGreaterThan(30);
});

function view(text: string, instance: string, said: string): WalkthroughView | undefined {
  try {
    return viewOf({
      text,
      isWhole: true,
      labels: { instance },
      ticks: { t1: { by: 'U0BOB', at: now, finding: said } },
      runs: { s1: { ...satisfied, status: 'failed', because: said } },
      evidence: { h1: said },
    });
  } catch {
    // What the parser refuses is never opened.
    return undefined;
  }
}

function idsOf(blocks: Surface['blocks']): string[] {
  return pressesOf({ blocks }).map(({ id }) => id);
}

function tasksIn({ blocks }: Surface): string[] {
  return pressesOf({ blocks }).flatMap(({ about, id }) =>
    id.startsWith('walk.finding') ? [about?.part ?? ''] : [],
  );
}
