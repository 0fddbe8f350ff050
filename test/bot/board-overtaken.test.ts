import { pino } from 'pino';
import { afterEach, expect, test } from 'vitest';
import { digestMessage } from '../../src/bot/blocks/alerts/digest-message.ts';
import { groupMessage } from '../../src/bot/blocks/alerts/group-message.ts';
import { createBoard } from '../../src/bot/board.ts';
import type { Messages } from '../../src/bot/messages.ts';
import { createPace } from '../../src/bot/pace.ts';
import { describeWith } from '../support/parts.ts';
import { until } from '../support/until.ts';
import { type BoardSite, channel, startBoardSite, undisputed } from './board-site.ts';

const carol = { via: 'slack', id: 'U0CAROL' } as const;

describeWith('local-slack', 'a group that changes while its message is being edited', () => {
  let site: BoardSite | undefined;

  afterEach(async () => {
    await site?.stop();
    site = undefined;
  });

  test('is shown as it is then, although its thread was faster', async () => {
    site = await startBoardSite();
    const { workspace, store, messages } = site;
    const id = await site.open('Disk');
    await site.drawn();
    const edits = held(messages);
    const board = createBoard({
      claim: undisputed,
      pool: store.pool,
      now: Date.now,
      pace: createPace(),
      messages: edits.messages,
      log: pino({ level: 'silent' }),
      episodes: async () => [],
      groupMessage,
      digestMessage,
      onFirstPost: () => undefined,
    });
    const posted = (text: string) =>
      workspace.gateway.calls.some((call) => call.method === 'chat.postMessage' && call.args.text === text);

    const acknowledged = { by: carol, at: Date.now() };
    await site.happen(id, 'Acknowledged', { acknowledged });
    const drawing = board.draw(channel);
    await until('the edit', () => edits.waiting() === 1);
    const paged = { number: 2, at: Date.now(), round: 1, what: 'paged' } as const;
    await site.happen(id, 'AlertsFired', { firing: 99, changes: [paged] });
    board.wake();
    await until('the thread', () => posted('📟 PagerDuty was paged'));
    edits.letGo();
    await drawing;
    await site.drawn();

    const [head] = workspace.people.messages(channel);
    expect(JSON.stringify(head?.blocks)).toContain('*99 firing*');
    expect(await site.undrawn()).toBe(0);
  });
});

/** Messages of which the edits wait until they are let go. */
function held(messages: Messages) {
  let letGo = (): void => undefined;
  let waiting = 0;
  const gate = new Promise<void>((resolve) => {
    letGo = resolve;
  });
  return {
    letGo: () => letGo(),
    waiting: () => waiting,
    messages: {
      ...messages,
      update: async (...args: Parameters<Messages['update']>) => {
        waiting += 1;
        await gate;
        return messages.update(...args);
      },
    },
  };
}
