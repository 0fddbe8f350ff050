import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { type Alertmanager, startAlertmanager } from '../../rehearsal/alertmanager/alertmanager.ts';
import { amtool, shownSilences } from '../../rehearsal/alertmanager/amtool.ts';
import { sendAlerts } from '../../rehearsal/alertmanager/send-alerts.ts';
import { freePort } from '../../rehearsal/world/free-port.ts';
import { openAlertmanagers } from '../../src/alerting/alertmanager.ts';
import { openSilences } from '../../src/alerting/silences.ts';
import type { GroupCommand } from '../../src/alerts/commands.ts';
import type { AlertGroup } from '../../src/alerts/group.ts';
import { describeWith } from '../support/parts.ts';
import { startForgetfulRelay } from './forgetful-relay.ts';
import { groupOf, silenceOf, sourceOf } from './group-of.ts';

const hour = 3_600_000;

/** Silences of one group, and what the group is told. */
function silencesOf(group: AlertGroup | undefined, addresses: readonly string[], now = () => Date.now()) {
  const told: GroupCommand[] = [];
  const silences = openSilences({
    alerts: {
      find: async (id) => (id === group?.id ? group : undefined),
      handle: async (_, command) => {
        told.push(command);
        return { ok: true, state: group ?? groupOf(), events: [] };
      },
    },
    alertmanagers: openAlertmanagers({ prod: sourceOf(addresses) }, { now, limits: { time: 30_000 } }),
    now,
  });
  return { ...silences, told };
}

const job = (group: AlertGroup, turn = 1) => ({ group: group.id, number: 3, turn });

/** Times in Alertmanager are told to the millisecond. */
const at = (text: string | undefined) => Date.parse(text ?? '');

describeWith('alertmanager', 'a silence', () => {
  let dir: string;
  let alertmanager: Alertmanager;
  const closers: (() => Promise<unknown>)[] = [];

  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'slipway-silences-'));
    alertmanager = await startAlertmanager({ dir });
  });

  afterEach(async () => {
    const left = await shownSilences(alertmanager.url);
    for (const { id } of left) await amtool(alertmanager.url, 'silence', 'expire', id);
    await Promise.all(closers.splice(0).map((close) => close()));
  });

  afterAll(async () => {
    await alertmanager.stop();
    await rm(dir, { recursive: true, force: true });
  });

  const relayed = async () => {
    const relay = await startForgetfulRelay(alertmanager.url);
    closers.push(relay.stop);
    return relay;
  };

  test('is made as it was asked for, and its id and end are read back', async () => {
    const silence = silenceOf();
    const group = groupOf({ silences: [silence] });
    const { work, told } = silencesOf(group, [alertmanager.url]);

    await work(job(group));

    const [shown, ...others] = await shownSilences(alertmanager.url);
    expect(others).toEqual([]);
    expect(shown).toMatchObject({
      createdBy: 'Carol by way of Slipway',
      comment: 'The disk is being replaced. [slipway group-00000000deadbeef/3]',
      matchers: [{ name: 'alertname', value: 'DiskFull', isRegex: false, isEqual: true }],
      status: { state: 'active' },
    });
    expect(at(shown?.endsAt)).toBe(silence.until);
    expect(told).toEqual([
      { type: 'SilenceMade', number: 3, turn: 1, silence: shown?.id, until: silence.until },
    ]);
  });

  test('is made once although the answer was lost', async () => {
    const relay = await relayed();
    const group = groupOf({ silences: [silenceOf()] });
    const { work, told } = silencesOf(group, [relay.url]);

    relay.lose('POST');
    await expect(work(job(group))).rejects.toMatchObject({ code: 'timed-out' });
    relay.lose(undefined);
    await work(job(group));

    const shown = await shownSilences(alertmanager.url);
    expect(shown).toHaveLength(1);
    expect(told).toMatchObject([{ type: 'SilenceMade', silence: shown[0]?.id }]);
  });

  test.each([
    ['whose answer was lost', 'POST'],
    ['that could not be read back', 'GET /api/v2/silence/'],
  ])('%s is not asked of the next peer at once', async (_, lost) => {
    const relay = await relayed();
    const other = await relayed();
    const group = groupOf({ silences: [silenceOf()] });
    const { work } = silencesOf(group, [relay.url, other.url]);
    relay.lose(lost);

    await expect(work(job(group))).rejects.toMatchObject({ code: 'timed-out' });

    expect(other.asked).toEqual([]);
  });

  test('is asked of the next peer when nothing listens at the first', async () => {
    const group = groupOf({ silences: [silenceOf()] });
    const { work, told } = silencesOf(group, [`http://127.0.0.1:${await freePort()}`, alertmanager.url]);

    await work(job(group));

    expect(told).toMatchObject([{ type: 'SilenceMade' }]);
    expect(await shownSilences(alertmanager.url)).toHaveLength(1);
  });

  test('ends later or sooner under the id that Alertmanager gives', async () => {
    const first = groupOf({ silences: [silenceOf()] });
    const made = silencesOf(first, [alertmanager.url]);
    await made.work(job(first));
    const [one] = await shownSilences(alertmanager.url);
    const until = Date.now() + 2 * hour;
    const changed = groupOf({ silences: [silenceOf({ turn: 2, until, id: one?.id ?? '' })] });
    const { work, told } = silencesOf(changed, [alertmanager.url]);

    await work(job(changed, 2));

    const shown = await shownSilences(alertmanager.url);
    expect(shown).toHaveLength(1);
    expect(shown[0]?.id).toBe(one?.id);
    expect(at(shown[0]?.endsAt)).toBe(until);
    expect(told).toEqual([{ type: 'SilenceMade', number: 3, turn: 2, silence: one?.id, until }]);
  });

  test('that somebody has ended by hand is made anew when it is to last longer', async () => {
    const first = groupOf({ silences: [silenceOf()] });
    await silencesOf(first, [alertmanager.url]).work(job(first));
    const [one] = await shownSilences(alertmanager.url);
    await amtool(alertmanager.url, 'silence', 'expire', one?.id ?? '');
    const until = Date.now() + 2 * hour;
    const changed = groupOf({ silences: [silenceOf({ turn: 2, until, id: one?.id ?? '' })] });
    const { work, told } = silencesOf(changed, [alertmanager.url]);

    await work(job(changed, 2));

    const [anew] = await shownSilences(alertmanager.url);
    expect(anew?.id).not.toBe(one?.id);
    expect(told).toMatchObject([{ type: 'SilenceMade', silence: anew?.id, until }]);
  });

  test('is ended, with a second one that a lost answer left, and ending it again is fine', async () => {
    const asked = groupOf({ silences: [silenceOf()] });
    await silencesOf(asked, [alertmanager.url]).work(job(asked));
    const [one] = await shownSilences(alertmanager.url);
    const comment = '--comment=again [slipway group-00000000deadbeef/3]';
    await amtool(alertmanager.url, 'silence', 'add', comment, '--author=x', 'alertname=DiskFull');
    const ending = groupOf({ silences: [silenceOf({ status: 'ending', turn: 2, id: one?.id ?? '' })] });
    const { work, told } = silencesOf(ending, [alertmanager.url]);

    await work(job(ending, 2));
    await work(job(ending, 2));

    expect(await shownSilences(alertmanager.url)).toEqual([]);
    expect(told).toEqual([
      { type: 'SilenceEnded', number: 3 },
      { type: 'SilenceEnded', number: 3 },
    ]);
  });

  test('that Alertmanager has never heard of counts as ended', async () => {
    const id = '2f4a1f2e-0000-4000-8000-000000000000';
    const ending = groupOf({ silences: [silenceOf({ status: 'ending', id })] });
    const { work, told } = silencesOf(ending, [alertmanager.url]);

    await work(job(ending));

    expect(told).toEqual([{ type: 'SilenceEnded', number: 3 }]);
  });

  test("fails with Alertmanager's own words when it is refused", async () => {
    const matchers = [{ name: 'alertname', value: '(', isRegex: true, isEqual: true }];
    const group = groupOf({ silences: [silenceOf({ matchers })] });
    const { work, told } = silencesOf(group, [alertmanager.url]);

    await work(job(group));

    expect(told).toMatchObject([{ type: 'SilenceFailed', number: 3, turn: 1 }]);
    expect(JSON.stringify(told)).toContain('missing closing )');
  });

  test('that would be over by now fails', async () => {
    const group = groupOf({ silences: [silenceOf({ until: Date.now() - 1 })] });
    const { work, told } = silencesOf(group, [alertmanager.url]);

    await work(job(group));

    expect(told).toMatchObject([{ type: 'SilenceFailed' }]);
    expect(await shownSilences(alertmanager.url)).toEqual([]);
  });

  test('is tried again while no peer answers', async () => {
    const group = groupOf({ silences: [silenceOf()] });
    const { work, told } = silencesOf(group, [`http://127.0.0.1:${await freePort()}`]);

    await expect(work(job(group))).rejects.toMatchObject({ code: 'alertmanager-unreachable' });

    expect(told).toEqual([]);
  });

  test('lasts as long as was asked for although the clocks differ', async () => {
    // Ten minutes behind Alertmanager: a silence of five minutes would be over there before it began.
    const now = () => Date.now() - 600_000;
    const silence = silenceOf({ until: now() + 300_000 });
    const group = groupOf({ silences: [silence] });
    const { work, told } = silencesOf(group, [alertmanager.url], now);

    await work(job(group));

    const [shown] = await shownSilences(alertmanager.url);
    expect(Math.abs(at(shown?.endsAt) - Date.now() - 300_000)).toBeLessThan(30_000);
    const [made] = told;
    expect(made?.type === 'SilenceMade' ? Math.abs(made.until - silence.until) : Number.NaN).toBeLessThan(
      30_000,
    );
  });

  test.each([
    ['of a turn that is over', groupOf({ silences: [silenceOf({ turn: 2 })] })],
    ['that has ended', groupOf({ silences: [silenceOf({ status: 'ended' })] })],
    ['of a group that forgot it', groupOf()],
    ['of a group that is not there', undefined],
  ])('%s is left alone', async (_, group) => {
    const relay = await relayed();
    const { work, told } = silencesOf(group, [relay.url]);

    await work(job(group ?? groupOf()));

    expect([relay.asked, told]).toEqual([[], []]);
  });

  test('is previewed with everything that it would match, strange values too', async () => {
    const strange = 'a "quoted" \\ value\nof two lines, {=~}';
    const labels = { alertname: 'Preview', instance: strange };
    await sendAlerts(alertmanager.url, [
      { labels },
      { labels: { alertname: 'Preview', instance: 'b' } },
      { labels: { alertname: 'Other' } },
    ]);
    const { preview } = silencesOf(groupOf(), [alertmanager.url]);
    const name = { name: 'alertname', value: 'Preview', isRegex: false, isEqual: true };

    const both = await preview('prod', [name]);
    const one = await preview('prod', [
      name,
      { name: 'instance', value: strange, isRegex: false, isEqual: true },
    ]);

    expect(both.matched.map(({ labels: { instance } }) => instance).sort()).toEqual([strange, 'b']);
    expect(one.matched).toEqual([{ fingerprint: expect.stringMatching(/^[0-9a-f]{16}$/), labels }]);
  });
});
