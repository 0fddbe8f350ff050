import { describe, expect, test } from 'vitest';
import { fillIn } from '../../../rehearsal/slack/modal-values.ts';
import { parse, parseMetadata } from '../../../src/bot/blocks/action.ts';
import { detailsModal, pagesOf } from '../../../src/bot/blocks/details-modal.ts';
import { readModal } from '../../../src/bot/blocks/input.ts';
import { rejectModal, settleModal } from '../../../src/bot/blocks/modals.ts';
import { rollBackModal } from '../../../src/bot/blocks/roll-back-modal.ts';
import { buttonsOf, textOf, valuesOf } from './text-of.ts';

type Filled = Parameters<typeof fillIn>[0];
const asShown = (view: unknown): Filled => JSON.parse(JSON.stringify(view));

describe('the rollback modal', () => {
  const view = rollBackModal({
    metadata: { run: 'run-42' },
    environment: 'production',
    version: 'v2',
    previous: 'v1',
    severities: [{ severity: 'critical' }, { severity: 'high', phases: ['Old version', 'Cache'] }],
    willUndo: Array.from({ length: 60 }, (_, index) => `Change ${index}`),
    cannotUndo: ['An e-mail was sent'],
  });

  test('shows what cannot be undone first, and folds what will be', () => {
    const read = textOf(view.blocks);

    expect(read).toContain(
      'Takes v2 on *production* back to v1.\n⚠️ *Cannot be undone*\n• An e-mail was sent\n↩️',
    );
    expect(read).toContain('• Change 9\n… 41 more\n• Change 51');
  });

  test('is read back as it was filled in', () => {
    const values = fillIn(asShown(view), { severity: 'high', reason: '  Shop is down ' });

    expect(readModal(values)).toEqual({ severity: 'high', reason: 'Shop is down' });
    expect(parseMetadata(view.private_metadata)).toEqual({ run: 'run-42' });
  });
});

test('a doubt is settled with the verdict of the button that was pressed unless another is chosen', () => {
  const view = settleModal({ metadata: { run: 'run-42', verdict: 'again' }, title: 'The role exists' });

  const values = fillIn(asShown(view), { reason: 'Looked with psql' });

  expect(readModal(values)).toEqual({ verdict: 'again', reason: 'Looked with psql' });
});

test('a reason of blanks only is none', () => {
  const view = rejectModal({ metadata: { run: 'run-42' }, title: 'Database setup' });

  const values = fillIn(asShown(view), { reason: '   ' });

  expect(readModal(values)).toEqual({});
});

test('what no modal of ours can have sent is not read', () => {
  const read = [undefined, 7, { severity: { severity: { selected_option: { value: 'mild' } } } }].map(
    readModal,
  );

  expect(read).toEqual([undefined, undefined, undefined]);
});

describe('details', () => {
  const attempt = {
    asked: 'select 1',
    of: 'db:5432',
    answered: 'x'.repeat(5_000),
    ms: 40,
    hash: 'abcdef0123456789',
    at: 0,
  };
  const entries = [
    { step: 'PostgreSQL answers', status: 'satisfied' as const, attempts: Array(20).fill(attempt) },
    { step: 'The role exists', status: 'untouched' as const, attempts: [] },
  ];
  const page = (number: number) =>
    detailsModal({
      title: 'Database setup',
      about: { run: 'run-42', phase: 'database' },
      entries,
      page: number,
    }).blocks;

  test('are turned page by page', () => {
    const [first, second] = [page(1), page(2)];

    expect(pagesOf(entries)).toBe(2);
    expect(buttonsOf(first)).toEqual(['Next', 'All as a file']);
    expect(buttonsOf(second)).toEqual(['Previous', 'All as a file']);
    expect(parse(JSON.stringify(valuesOf(first).Next))).toEqual({
      run: 'run-42',
      phase: 'database',
      page: 2,
    });
    expect(textOf(second)).toContain('*The role exists* · untouched');
  });

  test('say where the whole of a long answer is', () => {
    const read = textOf(page(1));

    expect(read).toContain('Cut here: *All as a file* below, or `slipway audit show run-42`, has all of it.');
    expect(read).toContain('db:5432 · 0 s · 1970-01-01 00:00 UTC · `abcdef012345`');
  });

  test('show the end of what a step said, while it runs and afterwards, and where all of it is', () => {
    const said = { tail: `${'line\n'.repeat(200)}<the end>`, characters: 90_000 };
    const view = (status: 'applying' | 'changed', more: { tail: string; characters: number } = said) =>
      detailsModal({
        title: 'Build',
        about: { run: 'run-42', phase: 'build' },
        entries: [{ step: 'The image is built', status, attempts: [], said: more }],
        page: 1,
      }).blocks;

    expect(textOf(view('applying'))).toMatch(/\*Output so far\*, the end of 90000 characters/);
    expect(textOf(view('changed'))).toMatch(/\*Output\*, the end[\s\S]*&lt;the end&gt;\n```/);
    expect(buttonsOf(view('changed'))).toEqual(['All as a file']);
    expect(buttonsOf(view('changed', { tail: 'short', characters: 5 }))).toEqual([]);
    expect(textOf(view('changed', { tail: `${'<'.repeat(1_490)}the end`, characters: 1_497 }))).toContain(
      'the end',
    );
  });

  test('show the last page when a later one is asked for', () => {
    const last = page(99);

    expect(last).toEqual(page(2));
  });
});
