import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { describeWith } from '../support/parts.ts';
import { type Slipway, startSlipway } from '../support/slipway.ts';
import { until } from '../support/until.ts';
import { crewOf, read } from './acting.ts';
import { nothing, phase, planOf } from './plans.ts';

const text = (title: string, words: string) => `---
title: ${title}
alerts: [RedisMemoryHigh]
severity: high
owner: oncall
reviewed: 2026-11-22
tags: [cache, maxmemory]
---

## Meaning

${words} <!channel>

## Diagnosis

- [ ] Look at the memory.
`;

describeWith('local-slack', '/runbook', () => {
  let slipway: Slipway | undefined;

  afterEach(async () => {
    await slipway?.stop();
    slipway = undefined;
  });

  test('lists, finds with a typo, opens here, and tells what was meant by a wrong name', async () => {
    slipway = await startSlipway({
      plan: planOf([phase('main', 'Main', [nothing()])]),
      runbooks: {
        'redis-memory': text('Redis is full', 'It uses all its memory.'),
        'disk-full': text('The disk is full', 'No space is left.').replace('RedisMemoryHigh', 'DiskFull'),
        broken: '---\ntitel: x\n---\n',
      },
    });
    const { people, workspace } = slipway;
    const crew = crewOf(slipway);
    const type = (words: string) => people.command('carol', 'production', '/runbook', words);

    await type('');
    const list = read(await crew.told('carol', '2 runbooks'));
    await type('reddis memroy');
    const found = await crew.told('carol', 'Redis is full', 'Open here');
    await people.click('carol', found, 'Open here');
    const opened = read(await crew.message('It uses all its memory.', 'Done'));
    await type('open redis-memori');
    const wrong = read(await crew.told('carol', 'There is no runbook'));
    await type('open disk-full');
    await crew.message('No space is left.');
    await type('qqqq');
    await crew.told('carol', 'No runbook says anything');

    expect(list).toContain('redis-memory');
    expect(list).toContain('broken.md');
    expect(opened).not.toContain('<!channel>');
    expect(wrong).toContain('/runbook open redis-memory');
    expect(workspace.gateway.violations).toEqual([]);
  });

  test('serves what the folder holds now, without a restart', async () => {
    slipway = await startSlipway({ plan: planOf([phase('main', 'Main', [nothing()])]), runbooks: {} });
    const { people, dir } = slipway;
    const crew = crewOf(slipway);
    const file = join(dir, 'runbooks/incidents/late.md');
    const type = (words: string) => people.command('carol', 'production', '/runbook', words);

    await type('');
    await crew.told('carol', 'There is no runbook yet');
    await writeFile(file, text('Too late', 'Words.'));
    await until('the runbook is served', async () => {
      await type('');
      return people.ephemeralTo('carol').some((message) => read(message).includes('Too late'));
    });
    await rm(file);
    const before = people.ephemeralTo('carol').length;
    await until('the runbook is gone', async () => {
      await type('');
      return people
        .ephemeralTo('carol')
        .slice(before)
        .some((message) => read(message).includes('There is no runbook yet'));
    });

    expect(slipway.workspace.gateway.violations).toEqual([]);
  });
});
