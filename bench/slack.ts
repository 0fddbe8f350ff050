import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { stringify } from 'yaml';
import { startWorkspace } from '../rehearsal/slack/workspace.ts';
import type { Place } from './bare-jobs.ts';
import { idlePlan } from './plan.ts';
import { startProgram } from './program.ts';

/** What people notice of a deployment with a gate before each phase; spans in milliseconds, memory in bytes. */
interface Noticed {
  readonly readyAfter: number;
  readonly acknowledged: readonly number[];
  readonly redrawn: readonly number[];
  readonly calls: number;
  readonly memory: number | undefined;
}

const channel = 'production';

/** Plays one deployment through the rehearsal workspace against the program as a process of its own. */
export async function slack(
  place: Place,
  dir: string,
  size: { readonly phases: number; readonly steps: number },
): Promise<Noticed> {
  await mkdir(join(dir, 'runbooks/deploy'), { recursive: true });
  await writeFile(
    join(dir, 'runbooks/deploy/bench.yaml'),
    stringify(idlePlan(size.phases, size.steps, true)),
  );
  await writeFile(join(dir, 'slipway.yaml'), stringify(config));
  const workspace = await startWorkspace({ dir: join(dir, 'slack') });
  try {
    const env = {
      ...workspace.env,
      DATABASE_URL: place.databaseUrl,
      ...(place.redisUrl === undefined ? {} : { REDIS_URL: place.redisUrl }),
      SLIPWAY_CONFIG: join(dir, 'slipway.yaml'),
    };
    // The first start makes the tables.
    await (await startProgram(env)).stop();
    const program = await startProgram(env);
    try {
      const { people, gateway } = workspace;
      const acknowledged: number[] = [];
      const redrawn: number[] = [];
      const before = gateway.stats.calls;
      await people.command('alice', channel, '/deploy', 'production v1');
      for (let phase = 1; phase <= size.phases; phase += 1) {
        const gate = await people.waitForMessage(
          channel,
          (message) => people.buttons(message).includes('Approve'),
          {
            timeoutMs: 60_000,
          },
        );
        const clickedAt = performance.now();
        const click = people.click('bob', gate, 'Approve').then(({ ackMs }) => acknowledged.push(ackMs));
        await people.waitForMessage(
          channel,
          (message) => message.ts === gate.ts && !people.buttons(message).includes('Approve'),
          { timeoutMs: 60_000 },
        );
        redrawn.push(performance.now() - clickedAt);
        await click;
      }
      const end = await people.waitForMessage(channel, ({ text }) => /succeeded after/i.test(text ?? ''), {
        timeoutMs: 120_000,
      });
      // The card and the messages of the last phases follow at Slack's pace.
      await settled(() => gateway.stats.calls);
      const calls = gateway.stats.calls - before;
      for (let index = 0; index < 80; index += 1)
        acknowledged.push((await people.command('alice', channel, '/deploy', 'status production')).ackMs);
      void end;
      return { readyAfter: program.readyAfter, acknowledged, redrawn, calls, memory: await program.memory() };
    } finally {
      await program.stop();
    }
  } finally {
    await workspace.stop();
  }
}

async function settled(count: () => number): Promise<void> {
  for (let seen = -1; seen !== count(); await delay(4_000)) seen = count();
}

const config = {
  groups: { deployers: ['U0ALICE'], approvers: ['U0BOB'] },
  environments: {
    production: {
      channel: 'C0PRODUCTION',
      plan: 'bench',
      may: { deploy: ['deployers'], rollback: ['deployers'], lock: ['deployers'] },
    },
  },
};
