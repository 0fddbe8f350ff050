import { describe, expect, test } from 'vitest';
import {
  busyReply,
  helpReply,
  lockedReply,
  refusalReply,
  unknownReply,
} from '../../../src/bot/blocks/answers.ts';
import { planReply } from '../../../src/bot/blocks/plan-reply.ts';
import { historyReply, statusReply } from '../../../src/bot/blocks/status-reply.ts';
import { aboutAt, plan, runThrough, start, untilAsked } from './sample-run.ts';
import { textOf } from './text-of.ts';

describe('an answer', () => {
  test('to a mistyped word says what was probably meant', () => {
    const { text } = unknownReply('stauts');

    expect(text).toBe('`stauts` is not known here. Did you mean `/deploy status`?');
  });

  test('to help has an example of every command', () => {
    const read = textOf(helpReply(['live']).blocks);

    expect(read).toContain('`/deploy live v2.4.1`');
    expect(read).toContain('`/deploy rollback live`');
  });

  test('to a second asker says who holds the environment since when', () => {
    const { blocks } = busyReply({
      environment: 'production',
      by: 'UALICE',
      since: start,
      version: 'v2',
      link: 'https://slack.example/p1',
    });

    expect(textOf(blocks)).toContain(
      '<@UALICE> holds *production* with v2 since 2026-11-22 02:50 UTC. <https://slack.example/p1|Look at it>.',
    );
  });

  test('about a lock says whose it is, why, and until when', () => {
    const { text } = lockedReply({
      environment: 'production',
      by: 'UBOB',
      reason: 'Cause of run-41 unknown',
      at: start,
      until: start + 3_600_000,
    });

    expect(text).toBe(
      '🔒 production is locked by <@UBOB> since 2026-11-22 02:50 UTC, until 2026-11-22 03:50 UTC: Cause of run-41 unknown',
    );
  });

  test('that refuses says what the code means and what this person should know', () => {
    const { text } = refusalReply({ code: 'already-decided', detail: 'Approved by <@UBOB>.' });

    expect(text).toBe('🚫 This was already decided. Approved by <@UBOB>.');
  });

  test('about the status names whom the run waits for', () => {
    const active = { run: runThrough(...untilAsked), about: aboutAt(12) };

    const { blocks } = statusReply({ environment: 'production', active });

    expect(textOf(blocks).split('\n').slice(0, 2)).toEqual([
      '🟠 *Production* · v2.4.1 · waiting for people',
      '🟠 *Manual checks* · *Someone looks* waits for an answer from on-call',
    ]);
  });

  test('about the history has a line for each of the last ten runs', () => {
    const past = {
      id: 'run-41',
      kind: 'deployment',
      version: 'v1',
      by: 'UBOB',
      at: start,
      endedAt: start + 65_000,
    } as const;

    const { blocks } = historyReply('production', Array(12).fill({ ...past, outcome: 'partial' }));

    const read = textOf(blocks).split('\n');
    expect(read).toHaveLength(11);
    expect(read[1]).toBe('⚠️ *v1* · partial success · <@UBOB> · 2026-11-22 02:50 UTC · 1 min 5 s · `run-41`');
  });

  test('about a plan says what runs after what and who approves', () => {
    const { blocks } = planReply({ plan, environment: 'production', version: 'v2' });

    expect(textOf(blocks).split('\n').slice(0, 4)).toEqual([
      '*The shop*: v2 to *production*',
      '3 phases, 4 steps',
      '⚪ *Database setup*',
      '      🟠 approvals: 2 from approvers',
    ]);
    expect(textOf(blocks)).toContain('⚪ *Smoke tests* · after Database setup · may fail');
  });
});
