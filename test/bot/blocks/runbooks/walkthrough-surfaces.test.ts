// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the dollar notation is the runbook's own.
import { describe, expect, test } from 'vitest';
import { walkthroughSurfaces } from '../../../../src/bot/blocks/runbooks/walkthrough-surfaces.ts';
import { buttonsOf, textOf } from '../text-of.ts';
import { first, pressesOf, read, whole } from './read-walk.ts';
import { now, sampleText, satisfied, viewOf } from './sample-walk.ts';

const walk = 'walk-0123456789abcdef';

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
