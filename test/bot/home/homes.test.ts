import { WebAPIPlatformError } from '@slack/web-api';
import { pino } from 'pino';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createHomes, type HomesParts } from '../../../src/bot/home/home.ts';
import { createPace } from '../../../src/bot/pace.ts';
import { Failure } from '../../../src/errors.ts';
import type { IncidentSettings } from '../../../src/incidents/settings.ts';
import { type WalkSite, walkSite } from '../../response/walk-site.ts';
import { until } from '../../support/until.ts';

const carol = { id: 'U0CAROL', mayRun: true };

let site: WalkSite;

beforeAll(async () => {
  site = await walkSite();
});

afterAll(() => site.close());

/** Home tabs of people in one group who may run steps; Slack refuses those of `refused`. */
function homes(refused: ReadonlySet<string>) {
  const shown = new Map<string, string>();
  const parts: HomesParts = {
    runs: site.runs,
    now: Date.now,
    log: pino({ level: 'silent' }),
    groups: { all: async () => ({ oncall: ['U0BOB', 'U0CAROL', 'U0GONE'] }) },
    incidents: { open: async () => [], settings },
    messages: {
      link: async () => undefined,
      publish: async (person, blocks) => {
        if (refused.has(person)) {
          const cause = new WebAPIPlatformError({ ok: false, error: 'user_not_found' });
          throw new Failure('slack-refused', 'views.publish: user_not_found', { cause });
        }
        shown.set(person, JSON.stringify(blocks));
      },
    },
  };
  return { shown, homes: createHomes(parts, createPace()) };
}

const settings: Pick<IncidentSettings, 'may'> = {
  may: { declare: [], respond: [], run: ['oncall'], publish: [] },
};

test('a step that waits for a second person stands in the home tab of whoever may agree, although another tab is refused', async () => {
  const { shown, homes: tabs } = homes(new Set(['U0GONE']));
  await tabs.opened('U0GONE').catch(() => undefined);
  await tabs.opened('U0BOB');
  await tabs.opened('U0CAROL');
  const stop = tabs.start();
  const walk = await site.open([{ uses: 'world/thing', with: { name: 'a' } }]);

  await site.walkthroughs.handle(walk, { type: 'Run', step: 's1', by: carol });

  try {
    await until('Bob sees it', () => shown.get('U0BOB')?.includes('asks to run a step'));
    expect(shown.get('U0CAROL')).not.toContain('asks to run a step');
    expect(shown.has('U0GONE')).toBe(false);
  } finally {
    await stop();
  }
});
