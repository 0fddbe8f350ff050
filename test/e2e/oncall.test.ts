import { afterAll, beforeAll, expect, test } from 'vitest';
import { describeWith } from '../support/parts.ts';
import { channel, type Slipway, startSlipway } from '../support/slipway.ts';
import { type Crew, crewOf, read } from './acting.ts';
import { nothing, phase, planOf } from './plans.ts';

describeWith('local-slack', '/oncall', () => {
  let slipway: Slipway;
  let crew: Crew;

  beforeAll(async () => {
    slipway = await startSlipway({
      plan: planOf([phase('main', 'Main work', [nothing()])]),
      secrets: { HOOK: 'token-of-main' },
      alerts: {
        listen: '127.0.0.1:0',
        may: { respond: ['oncall'] },
        sources: { main: { credential: { bearer: { env: 'TEST_HOOK' } } } },
        routes: [{ name: 'all', channel: 'C0ALERTS' }],
        schedules: {
          primary: {
            timeZone: 'Europe/Berlin',
            start: '2020-01-06T09:00',
            days: 366,
            people: ['U0ALICE', 'U0BOB'],
          },
        },
      },
    });
    crew = crewOf(slipway);
  });

  afterAll(() => slipway?.stop());

  test('tells only the asker who is on call and who is next', async () => {
    await slipway.people.command('bob', channel, '/oncall', '');
    const now = await crew.told('bob', 'On call now');
    await slipway.people.command('bob', channel, '/oncall', 'next');
    const next = await crew.told('bob', 'On call next');

    const [, person] = /primary\*\s+<@(U0ALICE|U0BOB)>/.exec(read(now)) ?? [];
    const other = person === 'U0ALICE' ? 'U0BOB' : 'U0ALICE';
    expect(read(now)).toContain(`then <@${other}>`);
    expect(read(next)).toContain(`<@${other}> from`);
    expect(slipway.people.messages(channel).filter((one) => one.ephemeral_to === undefined)).toEqual([]);
  });

  test('says what can be typed instead of a word that it does not know', async () => {
    await slipway.people.command('bob', channel, '/oncall', 'primry');

    const told = await crew.told('bob', 'primry');

    expect(read(told)).toContain('Did you mean `/oncall primary`?');
    expect(read(told)).toContain('/oncall next');
  });
});
