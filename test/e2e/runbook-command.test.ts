import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Walkthrough } from '../../src/walkthroughs/walkthrough.ts';
import { describeWith } from '../support/parts.ts';
import { channel, type Slipway, startSlipway } from '../support/slipway.ts';
import { type Crew, crewOf, read } from './acting.ts';
import { eventually } from './alerts-patience.ts';
import { nothing, phase, planOf } from './plans.ts';

const redis = `---
title: Redis is full
alerts: [RedisMemoryHigh]
severity: high
owner: deployers
reviewed: 2026-11-22
tags: [redis, cache]
---
## Meaning

Redis has no memory left.

## Diagnosis

- [ ] Who fills it?
`;

describeWith('local-slack', '/runbook', () => {
  let slipway: Slipway;
  let crew: Crew;

  beforeAll(async () => {
    slipway = await startSlipway({
      plan: planOf([phase('main', 'Main work', [nothing()])]),
      runbooks: { 'redis-memory': redis, broken: '---\ntitle: [\n---\n' },
    });
    crew = crewOf(slipway);
  });

  afterAll(() => slipway?.stop());

  const walkthroughs = async () =>
    (
      await slipway.pool.query<{ state: Walkthrough }>("select state from streams where kind = 'walkthrough'")
    ).rows.map(({ state }) => state);

  test('lists, finds what was meant, and opens it once in the channel however often it is pressed', async () => {
    const { people } = slipway;
    await people.command('alice', channel, '/runbook', '');
    const listed = await crew.told('alice', '1 runbook');
    await people.command('alice', channel, '/runbook', 'reddis mem high');
    const found = await crew.told('alice', 'Found by');
    await people.click('alice', found, 'Open');
    const shown = await crew.message('Redis is full', 'Who fills it?');
    await people.click('alice', found, 'Open');
    const again = await crew.told('alice', 'is open in this channel already');

    expect(read(listed)).toMatch(/redis-memory.*owner deployers/);
    expect(read(listed)).toContain('broken.md:');
    expect(read(found)).toContain('alert RedisMemoryHigh');
    expect(read(shown)).toContain('Redis has no memory left.');
    expect(read(again)).toContain('Redis is full');
    const [opened, ...others] = await walkthroughs();
    expect(others).toEqual([]);
    expect(opened).toMatchObject({ environment: 'production', openedBy: 'U0ALICE' });
    expect(opened?.place.thread).toBeUndefined();
  });

  test('opens by name, guesses what a mistyped name meant, and knows the environments', async () => {
    const { people } = slipway;
    await people.command('alice', channel, '/runbook', 'open redis-memroy');
    const guessed = await crew.told('alice', 'There is no runbook');
    await people.command('alice', channel, '/runbook', 'open redis-memory prodction');
    const strange = await crew.told('alice', 'There is no environment prodction');
    const before = (await walkthroughs()).length;
    await people.command('alice', channel, '/runbook', 'open redis-memory production');

    expect(read(guessed)).toContain('/runbook open redis-memory');
    expect(read(strange)).toContain('production');
    await eventually('it is open', async () => (await walkthroughs()).length === before + 1 || undefined);
  });
});
