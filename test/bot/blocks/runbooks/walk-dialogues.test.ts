import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { ModalView } from '../../../../rehearsal/slack/block-kit.ts';
import { findingModal } from '../../../../src/bot/blocks/runbooks/finding-modal.ts';
import { remarkModal } from '../../../../src/bot/blocks/runbooks/remark-modal.ts';
import { stepEvidenceModal } from '../../../../src/bot/blocks/runbooks/step-evidence-modal.ts';
import { readFinding, readRemark } from '../../../../src/bot/blocks/runbooks/walk-answers.ts';
import {
  encodeWalk,
  parseWalk,
  parseWalkMetadata,
} from '../../../../src/bot/blocks/runbooks/walk-reference.ts';
import type { Block, Task } from '../../../../src/runbooks/runbook.ts';
import { nasty } from '../nasty.ts';
import { buttonsOf, textOf, valuesOf } from '../text-of.ts';
import { runbookOf, sampleText, satisfied } from './sample-walk.ts';

const walk = 'walk-0123456789abcdef';
const metadata = { walk, part: 't2', channel: 'C0ALERTS' };
const task: Task = { kind: 'task', id: 't2', markdown: 'Who *fills* it?', more: '' };
const step: Block = {
  kind: 'step',
  id: 's1',
  title: 'Redis has room',
  uses: 'redis/memory',
  with: {},
  yaml: '',
};

describe('the dialogue about a finding', () => {
  test('says about which task it asks, and what was found before', () => {
    const view = findingModal({ metadata, task, finding: 'sessions' });

    expect(ModalView.safeParse(view).error).toBeUndefined();
    expect(textOf(view.blocks)).toContain('> Who ∗fills∗ it?');
    expect(JSON.stringify(view.blocks)).toContain('"initial_value":"sessions"');
    expect(parseWalkMetadata(view.private_metadata)).toEqual(metadata);
  });

  test.each([
    [{ finding: { finding: { type: 'plain_text_input', value: ' sessions\n' } } }, { finding: 'sessions' }],
    [{ finding: { finding: { value: '  ' } } }, {}],
    [{ finding: { finding: { value: null } } }, {}],
    [{}, undefined],
    [undefined, undefined],
  ])('reads the answer %j', (values, answers) => {
    expect(readFinding(values)).toEqual(answers);
  });
});

const Option = z.object({ text: z.object({ text: z.string() }), value: z.string() });
const Choice = z.object({
  element: z.object({ options: z.array(Option), initial_option: Option.optional() }),
});

describe('the dialogue about what was wrong', () => {
  const optionsOf = ({ blocks: [block] }: ReturnType<typeof remarkModal>) => Choice.parse(block).element;

  test('asks with which part, and what would have been right', () => {
    const view = remarkModal({ metadata: { walk }, runbook: runbookOf(sampleText) });

    expect(ModalView.safeParse(view).error).toBeUndefined();
    expect(optionsOf(view).options.map(({ text, value }) => [value, text.text])).toEqual([
      ['whole', 'The runbook as a whole'],
      ['t1', '1. How full is it?'],
      ['s1', 'Run: Redis has room'],
      ['t2', '2. Who fills it?'],
      ['t3', '3. Did it grow suddenly?'],
      ['s2', 'Run: Restart the workers'],
    ]);
    expect(textOf(view.blocks)).toContain('its owner, oncall');
  });

  test('begins with the part that it was asked about', () => {
    const view = remarkModal({ metadata, runbook: runbookOf(sampleText) });

    expect(optionsOf(view).initial_option?.value).toBe('t2');
  });

  test('offers as many parts as Slack takes', () => {
    const tasks = Array.from({ length: 150 }, (_, index) => `- [ ] ${'long '.repeat(40)}${index}`).join('\n');

    const view = remarkModal({ metadata: { walk }, runbook: runbookOf(`${sampleText}\n\n${tasks}`) });

    expect(ModalView.safeParse(view).error).toBeUndefined();
    expect(optionsOf(view).options).toHaveLength(100);
  });

  test.each([
    ['t2', 'It is 95 %.', { part: 't2', text: 'It is 95 %.' }],
    ['whole', ' x ', { text: 'x' }],
    ['s1', '', { part: 's1' }],
  ])('reads what was chosen, %s, and written', (part, text, answers) => {
    const values = { part: { part: { selected_option: { value: part } } }, text: { text: { value: text } } };

    expect(readRemark(values)).toEqual(answers);
  });

  test.each([[{}], [undefined], [{ part: { part: {} } }]])('knows that it cannot have sent %j', (values) => {
    expect(readRemark(values)).toBeUndefined();
  });
});

describe('the dialogue with an output', () => {
  const shown = (evidence: string, page?: number) =>
    stepEvidenceModal({
      metadata: { walk, part: 's1', number: 2, channel: 'C0ALERTS', ...(page !== undefined && { page }) },
      step,
      run: satisfied,
      evidence,
    });

  test('shows all of it, with its indents', () => {
    const view = shown('a:\n  b: <c>\n');

    expect(ModalView.safeParse(view).error).toBeUndefined();
    expect(textOf(view.blocks)).toBe('*Redis has room* · 2026-11-23 02:59 UTC\n```\na:\n  b: &lt;c&gt;\n```');
  });

  test('says when nothing came back', () => {
    expect(textOf(shown(' \n').blocks)).toContain('Nothing came back.');
  });

  test('is parted into pages that can be turned, and leaves nothing out', () => {
    const evidence = Array.from({ length: 9_000 }, (_, index) => `row ${index}`).join('\n');
    const pages: string[] = [];
    for (let page: number | undefined = 1; page !== undefined; ) {
      const view = shown(evidence, page);
      expect(ModalView.safeParse(view).error).toBeUndefined();
      pages.push(textOf(view.blocks));
      const next = parseWalk(JSON.stringify(valuesOf(view.blocks).Next));
      page = next?.page;
    }

    expect(pages.length).toBeGreaterThan(2);
    expect(pages.join('\n').match(/row \d+/g)).toEqual(evidence.split('\n'));
    expect(buttonsOf(shown(evidence, 2).blocks)).toEqual(['Previous', 'Next']);
    expect(pages[1]).toContain(`Page 2 of ${pages.length}`);
  });

  test('shows its last page when a later one is asked for', () => {
    expect(textOf(shown('only this', 7).blocks)).toContain('only this');
  });
});

test('nothing that a runbook, a finding or an output says makes a dialogue that Slack refuses', () => {
  fc.assert(
    fc.property(nasty, nasty, (text, other) => {
      const views = [
        findingModal({ metadata, task: { ...task, markdown: text }, finding: other }),
        remarkModal({
          metadata,
          runbook: {
            ...runbookOf(sampleText),
            owner: other,
            sections: [
              {
                heading: '',
                level: 0,
                parts: [
                  { ...task, markdown: text },
                  { ...step, title: other },
                ],
              },
            ],
          },
        }),
        stepEvidenceModal({ metadata, step: { ...step, title: text }, run: satisfied, evidence: other }),
      ];

      for (const view of views) expect(ModalView.safeParse(view).error).toBeUndefined();
    }),
    { numRuns: 50 },
  );
});

describe('what a button is about', () => {
  test('is read as it was written', () => {
    const about = { walk, part: 's12', number: 3, page: 2 };

    expect(parseWalk(encodeWalk(about))).toEqual(about);
  });

  test.each([
    ['nothing', undefined],
    ['no JSON', 'walk'],
    ['another stream', JSON.stringify({ walk: 'group-0123456789abcdef' })],
    ['a part that no runbook has', JSON.stringify({ walk, part: 'x1' })],
    ['a run that cannot be', JSON.stringify({ walk, number: 0 })],
    ['more than there is', JSON.stringify({ walk, by: 'U0EVE' })],
  ])('is not read from %s', (_what, value) => {
    expect(parseWalk(value)).toBeUndefined();
  });

  test('is not written for what no opened runbook is called', () => {
    expect(() => encodeWalk({ walk: 'walk-1' })).toThrow();
  });
});
