import { WebClient } from '@slack/web-api';
import type pg from 'pg';
import { verify } from '../../src/cli/audit.ts';
import type { Deployment } from '../../src/deploy/deployment.ts';
import type { Link } from '../../src/store/chain.ts';
import { historyOf } from '../../src/store/record.ts';
import type { Slipway } from '../support/slipway.ts';

/** Everything in a run's events that the rules forbid, as sentences: phases before their time, work done twice. */
export async function orderFaults(pool: pg.Pool, run: Deployment): Promise<readonly string[]> {
  const faults: string[] = [];
  const passed = new Set<string>();
  const open = new Set<string>();
  const done = new Set<string>();
  for (const { type, data } of await historyOf(pool, run.id)) {
    const { phase, step } = namesIn(data);
    const outline = run.outline.find(({ id }) => id === phase);
    if (type === 'GatePassed') open.add(phase);
    if (type === 'PhaseBegun') {
      if (outline?.gate !== undefined && !open.has(phase)) faults.push(`${run.id}: ${phase} before its gate`);
      for (const need of outline?.needs ?? []) {
        if (!passed.has(need)) faults.push(`${run.id}: ${phase} before ${need}`);
      }
      if (passed.has(phase)) faults.push(`${run.id}: ${phase} began after its end`);
    }
    if (type === 'PhaseSucceeded') {
      if (passed.has(phase)) faults.push(`${run.id}: ${phase} succeeded twice`);
      passed.add(phase);
    }
    // A crowded sshd may refuse a connection, which is told and tried again; any other failure was made by the crash.
    if (type === 'StepFailed' && data.code !== 'connection-refused')
      faults.push(`${run.id}: ${phase}.${step} failed: ${data.because}`);
    if (type === 'StepChanged' || type === 'StepSatisfied') {
      if (done.has(`${phase}.${step}`)) faults.push(`${run.id}: ${phase}.${step} was done twice`);
      done.add(`${phase}.${step}`);
    }
  }
  return faults;
}

function namesIn({ phase, step }: Link['data']): { phase: string; step: string } {
  return { phase: String(phase), step: String(step) };
}

/** What `slipway audit verify` finds wrong with all runs, as sentences. */
export async function chainFaults(pool: pg.Pool): Promise<readonly string[]> {
  let said = '';
  const code = await verify({
    out: {
      write: (text: string) => {
        said += text;
        return true;
      },
    },
    pool,
  });
  return code === 0 ? [] : said.trim().split('\n');
}

/** Surfaces that are in a channel more than once, by the metadata that Slack keeps with each message. */
export async function postedTwice({ env }: Slipway, channel: string): Promise<readonly string[]> {
  const client = new WebClient(env.SLACK_BOT_TOKEN, { slackApiUrl: env.SLACK_API_URL ?? '' });
  const about = { channel, include_all_metadata: true, limit: 1_000 };
  const roots = (await client.conversations.history(about)).messages ?? [];
  const seen: string[] = [];
  for (const root of roots) {
    const thread = (await client.conversations.replies({ ...about, ts: root.ts ?? '' })).messages ?? [];
    for (const { metadata } of thread) {
      if (metadata?.event_payload !== undefined) seen.push(JSON.stringify(metadata.event_payload));
    }
  }
  return [...new Set(seen.filter((key, index) => seen.indexOf(key) !== index))].map((key) => `twice: ${key}`);
}
