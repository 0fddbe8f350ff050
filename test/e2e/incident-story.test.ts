import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Message } from '../../rehearsal/slack/screen.ts';
import type { Incident } from '../../src/incidents/incident.ts';
import { describeWith } from '../support/parts.ts';
import { type Slipway, startSlipway } from '../support/slipway.ts';
import { crewOf, read, submit } from './acting.ts';
import { type AlertWebhooks, alertsChannel, alertWebhooks } from './alert-webhooks.ts';
import { eventually } from './alerts-patience.ts';
import { phase, planOf, posts } from './plans.ts';
import { startTarget, type Target } from './target.ts';

const patient = { timeoutMs: 60_000 };

const runbook = (target: string) => `---
title: Payments fail
alerts: [PaymentsFail]
severity: critical
owner: oncall
reviewed: 2026-11-22
tags: [payments]
---
## Meaning

Payments through {{ labels.provider }} fail.

## Impact

Nobody can buy.

## Diagnosis

- [ ] Is the provider up?

\`\`\`yaml step
title: The API answers
uses: http/request
with: { url: "${target}/health" }
\`\`\`

## Mitigation

- [ ] Take the last deployment back

## Escalation

Call somebody.
`;

/** What the review must tell, each at the time of its event. */
const timelineOf = [
  ['run RunRequested', 'Deployment production v2 requested (alice)'],
  ['alerts GroupOpened', 'PaymentsFail opened, critical in production'],
  ['walkthrough Ticked', 'Runbook Payments fail: done: Is the provider up? (carol)'],
  ['walkthrough StepReported', 'Runbook Payments fail: step The API answers looked'],
  ['incident IncidentDeclared', 'Incident declared as critical: PaymentsFail is not well (carol)'],
  ['incident RoomMade', 'Channel inc-1-paymentsfail-is-not-well made'],
  ['incident Updated', 'Update, now identified: The last &lt;deployment&gt; broke the checkout. (carol)'],
  ['incident RoleAssigned', 'Role of communications given to bob (carol)'],
  ['alerts GroupClosed', 'PaymentsFail closed: nothing of it fires any more'],
  ['incident IncidentResolved', 'Resolved: The checkout sent no amount; v2 was taken back. (carol)'],
  ['incident ActionAdded', 'Action 1, due '],
  ['incident ActionDone', 'Action 1 done (carol)'],
] as const;

describeWith('local-slack', 'an incident, from the alert to its review', () => {
  let target: Target;
  let webhooks: AlertWebhooks;
  let slipway: Slipway;

  beforeAll(async () => {
    target = await startTarget();
    webhooks = await alertWebhooks({
      routes: [{ name: 'all', channel: 'C0ALERTS', environment: 'production' }],
    });
    slipway = await startSlipway({
      plan: planOf([phase('live', 'Go-live', [posts(`${target.url}/live`)])], {
        rollback: { critical: { phases: [phase('back', 'Back', [posts(`${target.url}/back`)])] } },
      }),
      alerts: webhooks.section,
      incidents: {
        may: {
          declare: ['oncall'],
          respond: ['oncall'],
          run: ['oncall'],
          publish: ['approvers'],
        },
        invite: { groups: ['approvers'] },
        announce: 'C0STAGING',
      },
      groups: { deployers: ['U0ALICE'], approvers: ['U0BOB'], oncall: ['U0CAROL'] },
      runbooks: { 'payments-fail': runbook(target.url) },
      secrets: webhooks.secrets,
    });
  });

  afterAll(async () => {
    await slipway?.stop();
    await target?.stop();
  });

  const incident = async () => {
    const { rows } = await slipway.pool.query<{ state: Incident }>(
      "select state from streams where kind = 'incident'",
    );
    return rows[0]?.state;
  };

  const shown = (channel: string, looks: (message: Message) => boolean, ...texts: readonly string[]) =>
    slipway.people.waitForMessage(
      channel,
      (message) =>
        message.ephemeral_to === undefined &&
        looks(message) &&
        texts.every((text) => read(message).includes(text)),
      { ...patient, what: texts.join(' and ') },
    );

  const any = () => true;

  const fillIn = async (
    user: string,
    message: Message,
    button: string,
    values: Readonly<Record<string, string>>,
  ) => {
    await slipway.people.click(user, message, button);
    const modal = await slipway.people.waitForModal(patient);
    await submit(slipway.people, user, values);
    return modal;
  };

  test('is told of where people are, led by clicks, and looked back on', { timeout: 240_000 }, async () => {
    const { people, pool, workspace } = slipway;
    const crew = crewOf(slipway);
    await crew.deploy('alice', 'production v2');
    await crew.card('production · v2 · succeeded');
    await webhooks.send('PaymentsFail', { severity: 'critical', labels: { provider: 'Stripe' } });
    const alert = await shown(alertsChannel, any, 'PaymentsFail is not well', 'reached *Go-live*');

    await people.click('carol', alert, 'Runbook');
    const inThread = (action: string) => (message: Message) =>
      message.thread_ts !== undefined && JSON.stringify(message.blocks).includes(`"${action}`);
    await people.click('carol', await shown(alertsChannel, inThread('walk.tick')), 'Done');
    await shown(alertsChannel, inThread('walk.untick'));
    await people.click('carol', await shown(alertsChannel, inThread('walk.run')), 'Run');
    await eventually('the check was run', async () => target.asked.includes('GET /health'));

    await people.click('alice', alert, 'Declare incident');
    const forbidden = await people.waitForEphemeral(
      'alice',
      (one) => read(one).includes('Who may declare'),
      patient,
    );
    const modal = await fillIn('carol', alert, 'Declare incident', {});
    const room = await eventually('the channel', async () => (await incident())?.room.channel);
    const card = await shown(
      room,
      any,
      '#1 PaymentsFail is not well',
      'Commander <@U0CAROL>',
      '2 of 3 steps done',
      'Next update due',
    );
    await shown(alertsChannel, (one) => one.thread_ts === alert.ts, 'Incident #1', `<#${room}>`);
    await shown('staging', any, 'Incident #1', `<#${room}>`);
    const linked = await shown(alertsChannel, (one) => one.ts === alert.ts, `Incident #1 in <#${room}>`);

    await fillIn('carol', card, 'Update', {
      'What is known, and what is being done?': 'The last <deployment> broke the checkout.',
      'Where does it stand?': 'identified',
    });
    await shown(room, any, '*Update* by <@U0CAROL>', 'now *Identified*', '&lt;deployment&gt;');
    await people.command('carol', room, '/incident', 'role communications <@U0BOB|bob>');
    await shown(room, any, '<@U0BOB> is *Communications*');
    await people.say('bob', room, 'The provider says that it is us.');
    const said = await shown(room, any, 'The provider says');
    await people.react('bob', said, 'pushpin');
    const current = await shown(room, any, 'Communications <@U0BOB>', '*Identified*');
    await fillIn('alice', current, 'Roll back v2', { severity: 'critical', reason: 'Payments fail.' });
    await eventually('the rollback', async () => target.asked.includes('POST /back'));
    await shown(room, (one) => !people.buttons(one).includes('Roll back v2'), '#1', 'taken back');

    await webhooks.send('PaymentsFail', {
      severity: 'critical',
      status: 'resolved',
      labels: { provider: 'Stripe' },
    });
    const calm = await shown(room, any, 'Next update due', 'resolved after');
    await fillIn('carol', calm, 'Resolve', {
      'What was it, and how did it end?': 'The checkout sent no amount; v2 was taken back.',
    });
    const review = await shown(
      room,
      (one) => people.buttons(one).includes('Review as a file'),
      'The review is due',
    );
    await fillIn('carol', review, 'Add action', {
      'What is to be done, so that it does not happen again?': 'Test the checkout before go-live',
    });
    const actions = await shown(room, any, '*Actions*: 1 open');
    await people.click('carol', actions, 'Done');
    await shown(room, any, '*Actions*: 0 open, 1 done');
    await people.click('carol', review, 'Review as a file');
    const file = await eventually('the review', async () => people.files(room)[0]);
    const document = await people.readFile(file);
    await people.command('carol', room, '/incident', 'timeline');
    const timeline = await people.waitForEphemeral(
      'carol',
      (one) => read(one).includes('Stripe') || read(one).includes('esolved'),
      patient,
    );
    await fillIn('carol', review, 'Review done', { 'Where can it be read?': 'https://wiki.example.test/1' });
    await shown(room, any, 'The review was done');

    const { rows: events } = await pool.query<{ kind: string; type: string; at: Date }>(
      'select s.kind, e.type, e.at from events e join streams s on s.id = e.stream order by e.at, e.version',
    );
    const lineOf = ([event, what]: readonly [string, string]): string => {
      const happened = events.find(({ kind, type }) => `${kind} ${type}` === event);
      const at = happened?.at.toISOString().slice(0, 19).replace('T', ' ') ?? `no ${event}`;
      return `- ${at} UTC ${what}`;
    };
    expect(read(forbidden)).toContain('oncall');
    expect(JSON.stringify(modal)).toContain('PaymentsFail is not well');
    expect(people.buttons(linked)).not.toContain('Declare incident');
    expect(read(card)).toContain('Payments fail');
    expect(target.asked).toContain('POST /back');
    for (const line of timelineOf.map(lineOf)) expect(document).toContain(line);
    expect(document).toMatch(/ UTC bob wrote: The provider says that it is us\.\n/);
    expect(document).not.toContain('U0');
    expect(read(timeline)).toContain('<@U0CAROL>');
    expect(workspace.gateway.violations).toEqual([]);
  });
});
