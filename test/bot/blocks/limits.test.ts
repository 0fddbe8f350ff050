import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { MessageBlocks, ModalView } from '../../../rehearsal/slack/block-kit.ts';
import {
  busyReply,
  helpReply,
  lockedReply,
  refusalReply,
  unknownReply,
} from '../../../src/bot/blocks/answers.ts';
import { detailsModal } from '../../../src/bot/blocks/details-modal.ts';
import { characters } from '../../../src/bot/blocks/fit.ts';
import { limits } from '../../../src/bot/blocks/limits.ts';
import {
  abortModal,
  answerModal,
  rejectModal,
  settleModal,
  skipModal,
  unlockModal,
} from '../../../src/bot/blocks/modals.ts';
import { planReply } from '../../../src/bot/blocks/plan-reply.ts';
import { rollBackModal } from '../../../src/bot/blocks/roll-back-modal.ts';
import { historyReply, statusReply } from '../../../src/bot/blocks/status-reply.ts';
import { surfacesOf } from '../../../src/bot/blocks/surfaces.ts';
import { anyRun } from './any-run.ts';
import { nasty } from './nasty.ts';

// What was put there on purpose: mentions of people, moments and links to https.
const ours = /<@[UW][A-Z0-9]+>|<!date\^\d+\^[^|<>]*\|[^<>]*>|<https:\/\/[^<>|]+\|[^<>]*>/g;

function faults(message: { readonly text: string; readonly blocks: readonly unknown[] }): string[] {
  const { error } = MessageBlocks.safeParse(message.blocks);
  const all: string[] = error === undefined ? [] : [error.message];
  if (characters(message.blocks) > limits.messageTotal) all.push('too long in all');
  if (message.text.length > limits.messageText || message.text.includes('\n'))
    all.push(`text: ${message.text}`);
  for (const text of [message.text, ...mrkdwnIn(message.blocks)]) {
    if (/<|&(?!(?:amp|lt|gt);)/.test(text.replaceAll(ours, ''))) all.push(`not escaped: ${text}`);
  }
  return all;
}

function mrkdwnIn(part: unknown): string[] {
  if (Array.isArray(part)) return part.flatMap(mrkdwnIn);
  if (typeof part !== 'object' || part === null) return [];
  if ('type' in part && part.type === 'mrkdwn' && 'text' in part) return [String(part.text)];
  return Object.values(part).flatMap(mrkdwnIn);
}

const runs = { numRuns: 25 };

describe('whatever the state and the texts in it', () => {
  test('every message of a run is within the limits and mentions nobody but people', () => {
    fc.assert(
      fc.property(anyRun, ({ run, about }) => {
        const surfaces = surfacesOf(run, about);

        expect(
          surfaces.flatMap((surface) => faults(surface).map((fault) => `${surface.key}: ${fault}`)),
        ).toEqual([]);
        expect(new Set(surfaces.map(({ key }) => key)).size).toBe(surfaces.length);
        expect(surfacesOf(run, about)).toEqual(surfaces);
      }),
      runs,
    );
  });

  test('nothing can be clicked in a run that has ended but the plan, details and the rollback', () => {
    fc.assert(
      fc.property(anyRun, ({ run, about }) => {
        const surfaces = surfacesOf({ ...run, status: 'ended' }, about);

        const ids = JSON.stringify(surfaces).matchAll(/"action_id":"([^"]+)"/g);
        const others = [...ids]
          .flatMap(([, id]) => id ?? [])
          .filter((id) => !/^(run\.(plan|roll-back)|phase\.details)/.test(id));
        expect(others).toEqual([]);
      }),
      runs,
    );
  });

  test('every answer is within the limits', () => {
    fc.assert(
      fc.property(anyRun, nasty, ({ run, about }, text) => {
        const lock = { environment: text, by: text, reason: text, at: about.now };
        const past = {
          id: text,
          kind: run.kind,
          version: text,
          by: 'UBOB',
          at: about.now,
          endedAt: about.now + 5,
          of: text,
        };
        const link = `https://slack.example/${text}`;
        const replies = [
          helpReply([text, 'staging']),
          unknownReply(text, [text]),
          busyReply({ environment: text, by: 'UALICE', since: about.now, version: text, link }),
          lockedReply(lock),
          refusalReply({ code: 'not-allowed', detail: text }),
          statusReply({ environment: text, lock, last: past }),
          statusReply({ environment: text, active: { run, about, link }, lock }),
          historyReply(
            text,
            Array.from({ length: 30 }, () => past),
          ),
          planReply({
            plan: about.plan,
            environment: text,
            version: text,
            estimate: { sum: 5, criticalPath: 3 },
          }),
        ];

        expect(replies.flatMap(faults)).toEqual([]);
      }),
      runs,
    );
  });

  test('every modal is within the limits', () => {
    fc.assert(
      fc.property(nasty, fc.array(nasty, { maxLength: 80 }), fc.nat(40), (text, texts, page) => {
        const metadata = { run: 'run-42', phase: 'database', step: 'role', digest: 'd'.repeat(64) };
        const subject = { metadata, title: text };
        const attempts = texts.map((one) => ({
          asked: one,
          of: one,
          answered: one,
          ms: 5,
          hash: one,
          at: 5,
        }));
        const views = [
          rejectModal(subject),
          skipModal(subject),
          answerModal({ ...subject, question: { kind: 'confirm', prompt: text, groups: [text] } }),
          settleModal({ ...subject, because: text }),
          abortModal(subject),
          unlockModal({ metadata: { environment: 'production' }, environment: text, reason: text }),
          rollBackModal({
            metadata,
            environment: text,
            version: text,
            previous: text,
            severities: [{ severity: 'high', phases: texts }, { severity: 'medium' }],
            willUndo: texts,
            cannotUndo: texts,
          }),
          rollBackModal({
            metadata,
            environment: '',
            version: '',
            severities: [],
            willUndo: [],
            cannotUndo: [],
          }),
          detailsModal({
            title: text,
            about: { run: 'run-42', phase: 'database' },
            entries: [
              { step: text, status: 'failed', attempts, said: { tail: text, characters: 9_999 } },
              ...texts.map((step) => ({ step, status: 'untouched' as const, attempts: [] })),
            ],
            page,
          }),
        ];

        expect(views.flatMap((view) => ModalView.safeParse(view).error?.message ?? [])).toEqual([]);
        expect(
          views.flatMap(mrkdwnIn).filter((one) => /<|&(?!(?:amp|lt|gt);)/.test(one.replaceAll(ours, ''))),
        ).toEqual([]);
      }),
      runs,
    );
  });
});
