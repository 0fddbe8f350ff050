import { describe, expect, test } from 'vitest';
import { walkthroughSurfaces } from '../../../../src/bot/blocks/runbooks/walkthrough-surfaces.ts';
import type { WalkthroughView } from '../../../../src/bot/blocks/runbooks/walkthrough-view.ts';
import type { StepRun } from '../../../../src/walkthroughs/walkthrough.ts';
import { read } from './read-walk.ts';
import { now, satisfied, viewOf } from './sample-walk.ts';

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
