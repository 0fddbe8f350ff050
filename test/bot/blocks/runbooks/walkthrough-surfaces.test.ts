// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the dollar notation is the runbook's own.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { crowdMentions } from '../../../../rehearsal/slack/mentions.ts';
import { characters } from '../../../../src/bot/blocks/fit.ts';
import { parseWalk } from '../../../../src/bot/blocks/runbooks/walk-reference.ts';
import { walkthroughSurfaces } from '../../../../src/bot/blocks/runbooks/walkthrough-surfaces.ts';
import type { WalkthroughView } from '../../../../src/bot/blocks/runbooks/walkthrough-view.ts';
import type { Surface } from '../../../../src/bot/blocks/surface.ts';
import type { StepRun } from '../../../../src/walkthroughs/walkthrough.ts';
import { nasty } from '../nasty.ts';
import { buttonsOf, textOf } from '../text-of.ts';
import { anyMarkdown } from './any-markdown.ts';
import { now, sampleText, satisfied, viewOf } from './sample-walk.ts';
import { refusals } from './words.ts';

const walk = 'walk-0123456789abcdef';

function first(view: WalkthroughView): Surface {
  const [surface] = walkthroughSurfaces(view);
  if (surface === undefined) throw new Error('nothing is shown');
  return surface;
}

const read = (view: WalkthroughView): string => textOf(first(view).blocks);
const whole = (view: WalkthroughView): string =>
  walkthroughSurfaces(view)
    .map(({ blocks }) => textOf(blocks))
    .join('\n');

function pressesOf({ blocks }: Pick<Surface, 'blocks'>) {
  return blocks.flatMap((block) =>
    block.type !== 'actions'
      ? []
      : block.elements.flatMap((one) =>
          one.type === 'button'
            ? [{ label: one.text.text, id: one.action_id ?? '', about: parseWalk(one.value) }]
            : [],
        ),
  );
}

describe('a runbook that was opened', () => {
  test('begins with what it means and the first checks, each with its buttons', () => {
    const surface = first(viewOf());

    expect(surface.text).toBe('📖 Redis memory on redis:6379 · 0 of 3 done');
    expect(textOf(surface.blocks)).toBe(
      [
        '🟧 Redis memory on redis:6379',
        'Runbook `redis-memory` · high · owner oncall · reviewed 2026-11-20 · opened by <@U0ALICE> 2026-11-23 02:59 UTC',
        'Filled in: `instance=redis:6379`',
        'Meaning',
        'Redis on `redis:6379` uses most of its memory.',
        'Diagnosis',
        '*☐ 1. How full is it?*',
        '🔎 *Redis has room* · only looks',
        '```',
        'redis/memory',
        'url: ${REDIS_URL}',
        'free: 10%',
        '```',
        '• More than 90 %: go on.',
        '[Run] [Done] [Add finding]',
        '*☐ 2. Who fills it?*',
        '```',
        'redis-cli --bigkeys',
        '```',
        '[Done] [Add finding]',
        '*☐ 3. Did it grow suddenly?*',
        '[Done] [Add finding]',
        '[More] [This step was wrong]',
        '0 of 3 done',
      ].join('\n'),
    );
  });

  test('shows the rest below it once somebody asked for more, and nothing twice', () => {
    const surfaces = walkthroughSurfaces(viewOf({ isWhole: true }));

    expect(surfaces.map(({ key }) => key)).toEqual(['part-1', 'part-2']);
    expect(buttonsOf(surfaces[0]?.blocks ?? [])).not.toContain('More');
    expect(surfaces[1]?.text).toBe('📖 Impact, Mitigation, Escalation');
    expect(textOf(surfaces[1]?.blocks ?? [])).toBe(
      [
        'Impact',
        'Logins fail.',
        'Mitigation',
        '🔧 *Restart the workers* · changes something: a second person must agree',
        '```',
        'ssh/command',
        'host: app',
        'run: ["systemctl","restart","workers"]',
        '```',
        '[Ask to run]',
        'Escalation',
        'Wake the owner (`/runbook open contacts`).',
        '[This step was wrong]',
        '0 of 3 done',
      ].join('\n'),
    );
  });

  test('says what was done, by whom, when and with what finding', () => {
    const ticks = {
      t1: { by: 'U0BOB', at: now, finding: 'full of *sessions*\n<!here>', findingBy: 'U0CAROL' },
      t3: { by: 'U0BOB', at: now },
    };

    const view = viewOf({ ticks });

    expect(read(view)).toContain(
      [
        '• More than 90 %: go on.',
        'Done by <@U0BOB> · 2026-11-23 03:00 UTC, finding by <@U0CAROL>',
        '> full of ∗sessions∗',
        '> &lt;!here&gt;',
        '[Run] [Undo] [Change finding]',
      ].join('\n'),
    );
    expect(read(view)).toContain(
      '*✅ 3. Did it grow suddenly?*\nDone by <@U0BOB> · 2026-11-23 03:00 UTC\n[Undo] [Add finding]',
    );
    expect(first(view).text).toContain('2 of 3 done');
    expect(read(viewOf({ ticks: { ...ticks, t2: { by: 'U0BOB', at: now } } }))).toContain('✅ all 3 done');
  });

  test('carries in each button what it is about, and no action id twice in a message', () => {
    const presses = pressesOf(first(viewOf({ runs: { s1: satisfied } })));

    expect(presses).toEqual([
      { label: 'Output', id: 'walk.evidence:1', about: { walk, part: 's1', number: 2 } },
      { label: 'Run again', id: 'walk.run:1', about: { walk, part: 's1', number: 2 } },
      { label: 'Done', id: 'walk.tick:1', about: { walk, part: 't1' } },
      { label: 'Add finding', id: 'walk.finding:1', about: { walk, part: 't1' } },
      { label: 'Done', id: 'walk.tick:2', about: { walk, part: 't2' } },
      { label: 'Add finding', id: 'walk.finding:2', about: { walk, part: 't2' } },
      { label: 'Done', id: 'walk.tick:3', about: { walk, part: 't3' } },
      { label: 'Add finding', id: 'walk.finding:3', about: { walk, part: 't3' } },
      { label: 'More', id: 'walk.more', about: { walk } },
      { label: 'This step was wrong', id: 'walk.remark', about: { walk } },
    ]);
  });

  test('hangs in the thread that it was opened in', () => {
    const places = walkthroughSurfaces(viewOf({ isWhole: true })).map(({ place, elsewhere }) => [
      place,
      elsewhere,
    ]);

    const elsewhere = { channel: 'C0ALERTS', thread: '1764000000.000100' };
    expect(places).toEqual([
      ['thread', elsewhere],
      ['thread', elsewhere],
    ]);
  });

  test('stands in the channel with its rest in its own thread where it was opened in none', () => {
    const view = viewOf({ isWhole: true, place: { channel: 'C0ALERTS' } });

    expect(walkthroughSurfaces(view).map(({ place, elsewhere }) => [place, elsewhere])).toEqual([
      ['channel', undefined],
      ['thread', undefined],
    ]);
  });

  test.each([
    ['reviewed: 2026-11-20', 'reviewed 2026-11-20', undefined],
    ['reviewed: 2026-08-01', 'reviewed 2026-08-01', '⚠️ Reviewed 114 days ago: think before you trust it.'],
    ['', undefined, '⚠️ Nobody has noted that they reviewed it: think before you trust it.'],
  ])('says how old it is: %s', (line, said, warning) => {
    const text = read(viewOf({ text: sampleText.replace('reviewed: 2026-11-20', line) }));

    if (said !== undefined) expect(text).toContain(said);
    if (warning === undefined) expect(text).not.toContain('⚠️');
    else expect(text).toContain(warning);
  });

  test('says which labels are for the reader to fill in', () => {
    const text = read(viewOf({ labels: {} }));

    expect(text).toContain('🟧 Redis memory on <instance>');
    expect(text).toContain('⚠️ For you to fill in: `&lt;instance&gt;`');
  });

  test('shows its beginning when it has none of the usual headings', () => {
    const tasks = Array.from({ length: 8 }, (_, index) => `- [ ] task ${index + 1}`).join('\n');
    const text = `---\ntitle: Other\nalerts: []\nseverity: low\nowner: oncall\nreviewed: 2026-11-20\ntags: []\n---\n\nFirst.\n\n## Do\n\n${tasks}\n`;

    const view = viewOf({ text });

    expect(read(view)).toContain('First.\nDo\n*☐ 1. task 1*');
    expect(read(view)).toContain('☐ 5. task 5');
    expect(read(view)).not.toContain('task 6');
    expect(whole(viewOf({ text, isWhole: true }))).toContain('Do, continued\n*☐ 6. task 6*');
  });
});

test('a link may be defined anywhere in the runbook', () => {
  const text = `${sampleText.replace('Logins fail.', 'Logins [fail][1].')}\n[1]: https://x.test/a\n[2]: https://x.test/b\n`;

  const read = whole(viewOf({ text, isWhole: true }));

  expect(read).toContain('Logins <https://x.test/a|fail>.');
  expect(read).not.toContain('1: <https');
  expect(read).toContain('2: <https://x.test/b|https://x.test/b>');
});

describe('a step of a runbook', () => {
  const shown = (run: Partial<StepRun>, evidence = '') =>
    read(viewOf({ runs: { s1: { ...satisfied, ...run } }, evidence: { h1: evidence } }));

  test.each<[string, Partial<StepRun>, string, string]>([
    [
      'that waits for a second person',
      { status: 'asked' },
      '🟠 *Waits for a second person.* <@U0BOB> asked to run it · 2026-11-23 02:59 UTC',
      '[Approve] [Decline] [Done] [Add finding]',
    ],
    [
      'that waits for a worker',
      { status: 'queued' },
      '🔵 *Starting* · <@U0BOB> · 2026-11-23 02:59 UTC',
      '[Done] [Add finding]',
    ],
    [
      'at work',
      { status: 'running', decidedBy: 'U0CAROL' },
      '🔵 *Running* · <@U0BOB> · 2026-11-23 02:59 UTC, approved by <@U0CAROL>',
      '[Done] [Add finding]',
    ],
    [
      'that changes something now',
      { status: 'applying' },
      '🔵 *Changing something* · <@U0BOB>',
      '[Done] [Add finding]',
    ],
    [
      'that went well',
      {},
      '✅ *Satisfied* · <@U0BOB> · 2026-11-23 02:59 UTC · 3 s',
      '[Output] [Run again] [Done] [Add finding]',
    ],
    ['that changed something', { status: 'changed' }, '✅ *Changed* · <@U0BOB>', '[Output] [Run again]'],
    [
      'that failed',
      { status: 'failed', because: 'used 97 % of *it*' },
      '❌ *Not satisfied* · <@U0BOB> · 2026-11-23 02:59 UTC · 3 s\nused 97 % of ∗it∗',
      '[Output] [Run again]',
    ],
    [
      'whose worker died',
      { status: 'in-doubt', because: 'lost' },
      '⚠️ *Nobody knows whether it was done* · <@U0BOB> · 2026-11-23 02:59 UTC\nlost',
      '[Output] [Run again]',
    ],
    [
      'that was declined',
      { status: 'declined', decidedBy: 'U0CAROL', decidedAt: now },
      '🚫 *Declined* by <@U0CAROL> · 2026-11-23 03:00 UTC · asked for by <@U0BOB>',
      '[Run again] [Done]',
    ],
  ])('%s says so and offers what can be done', (_what, run, state, buttons) => {
    const text = shown(run);

    expect(text).toContain(state);
    expect(text).toContain(buttons);
  });

  test('shows the first lines of what came back, and where the others are', () => {
    const text = shown({}, Array.from({ length: 20 }, (_, index) => `line ${index}`).join('\n'));

    expect(text).toContain('```\nline 0\n');
    expect(text).toContain('line 11\n… 8 more lines: Output\n```');
  });

  test('is waited for while it waits for a second person, and only then', () => {
    const runs = (status: StepRun['status']) => ({ s2: { ...satisfied, status } });
    const urgent = (view: WalkthroughView) => walkthroughSurfaces(view).map((surface) => surface.urgent);

    expect(urgent(viewOf({ isWhole: true, runs: runs('asked') }))).toEqual([false, true]);
    expect(urgent(viewOf({ isWhole: true, runs: runs('running') }))).toEqual([false, false]);
  });

  test('that cannot be run here says why and has no button', () => {
    const cannot = read(viewOf({ steps: { s1: { changes: false, cannot: 'No value for REDIS_URL.' } } }));
    expect(cannot).toContain('🚫 It cannot be run here: No value for REDIS_URL.\n');
    expect(cannot).not.toContain('[Run]');

    const { walkthrough, ...view } = viewOf();
    const { environment: _, ...nowhere } = walkthrough;
    const text = read({ ...view, walkthrough: nowhere });
    expect(text).toContain('this runbook was opened for no environment');
    expect(text).not.toContain('[Run]');
  });
});

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
