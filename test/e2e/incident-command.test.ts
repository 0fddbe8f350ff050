import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Incident } from '../../src/incidents/incident.ts';
import { describeWith } from '../support/parts.ts';
import { type Slipway, startSlipway } from '../support/slipway.ts';
import { read, submit } from './acting.ts';
import { eventually } from './alerts-patience.ts';
import { nothing, phase, planOf } from './plans.ts';

const patient = { timeoutMs: 60_000 };

describeWith('local-slack', '/incident', () => {
  let slipway: Slipway;

  beforeAll(async () => {
    slipway = await startSlipway({
      plan: planOf([phase('main', 'Main work', [nothing()])]),
      groups: { deployers: ['U0ALICE'], approvers: ['U0BOB'], oncall: ['U0BOB', 'U0CAROL'] },
      incidents: { may: { declare: ['oncall'], respond: ['oncall'] } },
    });
  });

  afterAll(async () => {
    await slipway?.stop();
  });

  const typed = (user: string, channel: string, text: string) =>
    slipway.people.command(user, channel, '/incident', text);

  const told = (user: string, ...texts: readonly string[]) =>
    slipway.people.waitForEphemeral(user, (one) => texts.every((text) => read(one).includes(text)), {
      ...patient,
      what: texts.join(' and '),
    });

  const shown = (channel: string, ...texts: readonly string[]) =>
    slipway.people.waitForMessage(
      channel,
      (one) => one.ephemeral_to === undefined && texts.every((text) => read(one).includes(text)),
      { ...patient, what: texts.join(' and ') },
    );

  const newest = async () => {
    const { rows } = await slipway.pool.query<{ state: Incident }>(
      "select state from streams where kind = 'incident' order by created_at desc",
    );
    return rows[0]?.state;
  };

  test('leads an incident from where it is typed to where it is worked on', {
    timeout: 240_000,
  }, async () => {
    const { people, workspace } = slipway;
    await typed('alice', 'production', 'declare');
    await told('alice', 'Who may declare: oncall');
    await typed('carol', 'production', 'list');
    await told('carol', 'No incident is open');
    await typed('carol', 'production', 'declair high');
    await told('carol', 'Did you mean `/incident declare`?');
    await typed('carol', 'production', 'resolve');
    await told('carol', 'No incident is open. `/incident declare` begins one.');

    await typed('carol', 'production', 'declare HIGH Orders &amp; payments hang');
    const modal = await people.waitForModal(patient);
    await submit(people, 'carol', {});
    await shown('production', 'Incident #1: Orders &amp; payments hang', 'worked on in');
    const room = (await newest())?.room.channel ?? '';
    const card = await shown(room, '#1 Orders & payments hang', '*High*');

    await typed('carol', 'production', 'update');
    await told('carol', 'Which incident?', '/incident update #1');
    await typed('carol', 'production', 'update #9 It is the queue');
    await told('carol', 'There is no incident `#9`');
    await typed('carol', 'production', 'update #1 It is the queue');
    await people.waitForModal(patient);
    await submit(people, 'carol', { severity: 'critical' });
    await shown(room, '> It is the queue');
    await shown(room, '🟥 Now *Critical*, by <@U0CAROL>');
    await typed('carol', room, 'role scribble @bob');
    await told('carol', 'did you mean "scribe"?');
    await typed('carol', room, 'role scribe <@U0ALICE|alice>');
    await shown(room, '<@U0ALICE> is *Scribe*');
    await typed('carol', room, 'severity low');
    await shown(room, '🟦 Now *Low*');
    await typed('alice', room, 'severity critical');
    await told('alice', 'need the right to respond');
    await typed('bob', room, 'timeline');
    await told('bob', '#1 Orders', 'Severity');
    await typed('bob', 'staging', 'list');
    await told('bob', '*1 open*', `<#${room}>`, '<@U0CAROL> leads');
    await typed('carol', room, 'resolve');
    await people.waitForModal(patient);
    await submit(people, 'carol', { text: 'The queue was emptied.' });
    await shown('production', 'Incident #1', '*Resolved* after', 'The queue was emptied.');
    await typed('carol', room, 'update More');
    await told('carol', 'This incident is resolved.');
    await people.click('carol', await shown(room, '#1', 'Review due'), 'Reopen');
    await people.waitForModal(patient);
    await submit(people, 'carol', { text: 'It hangs again.' });
    await shown(room, '*Open again*, says <@U0CAROL>');
    await shown(room, 'It was resolved here, and opened again');

    expect(JSON.stringify(modal)).toContain('Orders & payments hang');
    expect(people.buttons(card)).toEqual(['Update', 'Role', 'Add action', 'Timeline', 'Resolve']);
    expect(workspace.gateway.violations).toEqual([]);
  });

  test('declared where Slipway is not, has its channel all the same', { timeout: 120_000 }, async () => {
    const { people } = slipway;

    await typed('carol', 'elsewhere', 'declare low The bot is not here');
    await people.waitForModal(patient);
    await submit(people, 'carol', {});
    const room = await eventually('the channel', async () => {
      const incident = await newest();
      return incident?.title === 'The bot is not here' && incident.room.channel;
    });

    const card = await shown(room, 'The bot is not here', '*Low*');
    expect(people.buttons(card)).toContain('Resolve');
  });
});
