import { afterEach, expect, test } from 'vitest';
import { z } from 'zod';
import { describeWith } from '../support/parts.ts';
import type { Slipway } from '../support/slipway.ts';
import { read } from './acting.ts';
import { eventually } from './alerts-patience.ts';
import { type AlertsSite, patient, startAlertsSite } from './alerts-site.ts';

describeWith(['local-slack', 'alertmanager'], 'the buttons of an alert', () => {
  let site: AlertsSite | undefined;

  const start = async () => {
    site = await startAlertsSite();
    return site;
  };

  afterEach(async () => {
    await site?.stop();
    site = undefined;
  });

  test('acknowledge and let go again, the first one decides and only who may', async () => {
    const { people, slipway, message, shown, told, messageThat } = await start();

    await people.click('alice', message, 'Acknowledge');
    const forbidden = await told('alice', 'not in a group');
    await people.click('carol', message, 'Acknowledge');
    const acknowledged = await shown('Acknowledged by <@U0CAROL>');
    await people.click('bob', message, 'Acknowledge');
    const late = await told('bob', 'already decided');
    await people.click('bob', acknowledged, 'Unacknowledge');
    const again = await eventually('nobody has it', () =>
      messageThat((text) => !text.includes('Acknowledged by')),
    );

    expect(read(forbidden)).toContain('need the right to respond');
    expect(people.buttons(acknowledged)).toEqual(['Unacknowledge', 'Silence', 'Resolve']);
    expect(read(late)).toContain('Acknowledged by <@U0CAROL>');
    expect(people.buttons(again)).toContain('Acknowledge');
    expect(slipway.workspace.gateway.violations).toEqual([]);
  });

  test('call the next one at once, who says in the direct message that it is in hand', async () => {
    const { people, slipway, message, shown } = await start();

    await people.click('carol', message, 'Escalate');
    await shown('Told ', '<@U0BOB>');
    const direct = await directMessages(slipway, 'U0BOB');
    const call = await people.waitForMessage(
      direct,
      (one) => read(one).includes('needs you, <@U0BOB>'),
      patient,
    );
    await people.click('bob', call, 'Acknowledge');
    const acknowledged = await shown('Acknowledged by <@U0BOB>');
    const answered = await people.waitForMessage(
      direct,
      (one) => read(one).includes('Acknowledged by'),
      patient,
    );

    expect(read(call)).toContain('it is worked on in <#C0ALERTS>');
    expect(people.buttons(acknowledged)).not.toContain('Escalate');
    expect([answered.ts, people.buttons(answered)]).toEqual([call.ts, []]);
    expect(slipway.workspace.gateway.violations).toEqual([]);
  });

  test('resolve: nobody is called any more, and nothing can be acknowledged', async () => {
    const { people, slipway, message, shown } = await start();

    await people.click('carol', message, 'Resolve');
    const closed = await shown('Page closed by <@U0CAROL>');

    expect(read(closed)).toContain('Prometheus decides when it really ends');
    expect(people.buttons(closed)).toEqual(['Silence']);
    expect(slipway.workspace.gateway.violations).toEqual([]);
  });

  test('hand over all alerts as a file when the message has no room for them', async () => {
    const { people, slipway, fire, shown } = await start();
    await Promise.all(Array.from({ length: 19 }, (_, index) => fire(`web-${index}`)));
    const many = await shown('*20 firing*', '… and 5 more firing');

    await people.click('alice', many, 'All as a file');
    const file = await eventually('the file', () => people.files('alerts')[0]);
    const text = await people.readFile(file);

    expect(text).toContain('DiskWillFill: 20 firing, 0 resolved');
    expect(text.match(/instance="(web|db)-\d+"/g)).toHaveLength(20);
    expect(slipway.workspace.gateway.violations).toEqual([]);
  });

  test('change nothing once it is over, and say when that was', async () => {
    const { people, slipway, message, fire, shown, told, messageThat } = await start();

    await fire('db-1', Date.now() - 1_000);
    const over = await shown('resolved after');
    await people.click('carol', message, 'Acknowledge');
    const late = await told('carol', 'no longer fire');
    await people.click('carol', message, 'Silence');
    await told('carol', 'Look at the newest message');

    expect(read(over)).toContain('97 %');
    expect(people.buttons(over)).toEqual([]);
    expect(read(late)).toContain('They were resolved at 2');
    expect(await messageThat((text) => text.includes('Acknowledged by'))).toBeUndefined();
    expect(slipway.workspace.gateway.violations).toEqual([]);
  });
});

const State = z.object({
  channels: z.array(z.object({ id: z.string(), is_im: z.boolean(), members: z.array(z.string()) })),
});

/** Waits until the app has direct messages with somebody, and gives their id. */
function directMessages({ workspace }: Pick<Slipway, 'workspace'>, user: string): Promise<string> {
  return eventually(`direct messages to ${user}`, async () => {
    const state = await fetch(`http://127.0.0.1:${workspace.slack.port}/_control/state`);
    const { channels } = State.parse(await state.json());
    return channels.find(({ is_im, members }) => is_im && members.includes(user))?.id;
  });
}
