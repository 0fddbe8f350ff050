import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Deployment, isDone } from '../../src/deploy/deployment.ts';
import { crewOf } from '../e2e/acting.ts';
import { type CutLine, startCutLine } from '../steps/host/cut-line.ts';
import { describeWith } from '../support/parts.ts';
import { channel } from '../support/slipway.ts';
import { softfactoryOnOneHost } from './plan-part.ts';
import { failures, newestRun, runThat, stepEnds, stepsThat } from './run-view.ts';
import { differences, snapshotOf } from './snapshot.ts';
import { provideBaseImage, startWholeHost, type WholeHost } from './whole-host.ts';

/** After this long in an apply the connections are cut; a different span for each step, so that all moments come up. */
const spans = [40, 120, 250, 450, 700, 1_000, 1_500] as const;

const limit = 600_000;

describeWith(['debian-host', 'git', 'local-slack'], 'a host whose connections are cut in the middle', () => {
  let whole: WholeHost;
  let line: CutLine;

  beforeAll(async () => {
    whole = await startWholeHost({
      plan: await softfactoryOnOneHost(),
      reach: async ({ address, host }) => {
        line = await startCutLine(address);
        return line.through(host);
      },
    });
  }, 600_000);

  afterAll(async () => {
    await whole?.stop();
    await line?.stop();
  });

  const begin = async (): Promise<void> => {
    const { slipway } = whole;
    const before = await newestRun(slipway).catch(() => undefined);
    const crew = crewOf(slipway);
    await crew.deploy('alice', 'production v2.0.0');
    await runThat(slipway, 'a new run', ({ id }) => id !== before?.id, 30_000);
    await crew.press('bob', 'Approve');
    await crew.fillIn('carol', 'Confirm', { answer: 'arn:aws:s3:::softfactory-uploads, uploader' });
  };

  /** Cuts every connection to the host once in the middle of each apply, and presses Retry where that failed a phase. */
  const endWithCuts = async (): Promise<{ run: Deployment; struck: Map<string, string> }> => {
    const { people } = whole.slipway;
    const cut = new Set<string>();
    const struck = new Map<string, string>();
    let hasBaseImage = false;
    for (const end = Date.now() + limit; Date.now() < end; await sleep(20)) {
      const run = await newestRun(whole.slipway);
      if (run.status === 'ended') return { run, struck };
      if (!hasBaseImage && isDone(run.phases.host?.steps.docker)) {
        await provideBaseImage(whole.debian);
        hasBaseImage = true;
      }
      const applying = stepsThat(run, 'applying').filter((name) => !cut.has(name));
      if (applying.length > 0) {
        for (const name of applying) cut.add(name);
        await sleep(spans[cut.size % spans.length]);
        line.cut();
        line.cutAfter(Number.POSITIVE_INFINITY);
      }
      for (const failure of failures(run)) {
        const [name = '', ...told] = failure.split(': ');
        if (!struck.has(name)) struck.set(name, told.join(': '));
      }
      const failed = people
        .messages(channel)
        .find((message) => message.ephemeral_to === undefined && people.buttons(message).includes('Retry'));
      if (failed) await people.click('alice', failed, 'Retry').catch(() => undefined);
    }
    const run = await newestRun(whole.slipway);
    throw new Error(`not ended: ${JSON.stringify([stepEnds(run), failures(run)], null, 1)}`);
  };

  test('is brought up all the same, with every step tried again', async () => {
    await begin();

    const { run, struck } = await endWithCuts();
    const told = [...struck].map(([name, failure]) => `${name}: ${failure}`);
    const codes = new Set([...struck.values()].map((failure) => failure.split(':', 1)[0]));

    expect(run.outcome, told.join('\n')).toBe('succeeded');
    // Steps that were done before the cut came are not struck, and how many these are depends on the machine.
    expect(struck.size, told.join('\n')).toBeGreaterThanOrEqual(15);
    expect(
      [...codes].filter((code) => code !== 'connection-refused'),
      told.join('\n'),
    ).toEqual([]);
  }, 900_000);

  test('is then as one whose connections were never cut: nothing is left to change', async () => {
    const before = await snapshotOf(whole.debian);

    await begin();
    const run = await runThat(whole.slipway, 'the run ends', ({ status }) => status === 'ended');
    const halves = await whole.debian.shell("find / -xdev -name '.slipway-*' -not -path '/proc/*' | sort");

    expect(run.outcome).toBe('succeeded');
    expect(stepsThat(run, 'changed')).toEqual([]);
    expect(differences(before, await snapshotOf(whole.debian))).toEqual([]);
    expect(halves).toBe('');
  }, 600_000);
});
