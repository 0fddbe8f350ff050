import type { WebClient } from '@slack/web-api';
import type { Logger } from 'pino';
import type { Alerts } from '../alerting/alerts.ts';
import type { OnCall } from '../alerting/on-call.ts';
import type { Silences } from '../alerting/silences.ts';
import type { Refusal } from '../deploy/decision.ts';
import type { Deployment, Person } from '../deploy/deployment.ts';
import type { Runs } from '../engine/runs.ts';
import { Failure, reasons } from '../errors.ts';
import type { Metrics } from '../metrics.ts';
import type { Incidents } from '../response/incidents.ts';
import type { Walkthroughs } from '../response/walkthroughs.ts';
import type { Library } from '../runbooks/library.ts';
import { clip, codeBlock, escaped, plain } from './blocks/escape.ts';
import { sign } from './blocks/signs.ts';
import type { Groups } from './groups.ts';
import type { Content, Messages } from './messages.ts';

/** What listeners are built from. */
export interface BotParts {
  readonly runs: Runs;
  readonly groups: Groups;
  readonly messages: Messages;
  readonly client: WebClient;
  readonly metrics: Metrics;
  readonly log: Logger;
  readonly now: () => number;
  /** Absent where slipway.yaml says nothing of alerts. */
  readonly alerts?: Alerts;
  readonly silences?: Silences;
  readonly onCall?: OnCall;
  /** The runbooks that can be read, and those that somebody has opened. */
  readonly library: Library;
  readonly walkthroughs: Walkthroughs;
  /** Absent where slipway.yaml says nothing of incidents. */
  readonly incidents?: Incidents;
}

/** A sentence or two that only the asker sees. */
export function says(text: string): Content {
  return { text: plain(text), blocks: [{ type: 'section', text: { type: 'mrkdwn', text } }] };
}

/** A refusal as the asker reads it: what the code means, then what it means for them. */
export function refused({ code, detail }: Refusal): Content {
  return says(`${sign.refused} ${reasons[code].says} ${detail}`.trim());
}

/** A failure as the asker reads it; its message may hold text from outside. */
export function failed({ code, message }: Failure): Content {
  // Several lines are a list with files and line numbers, to be read line by line and copied.
  const told = message.includes('\n') ? codeBlock(message, 2_500) : clip(escaped(message), 2_500);
  return says(`${sign.warning} ${reasons[code].says}\n${told}`);
}

/** The run that a button is about, and who pressed it; throws `run-not-found`. */
export async function runAndPerson(
  { runs, groups }: BotParts,
  id: string,
  user: string,
): Promise<{ readonly run: Deployment; readonly by: Person }> {
  const run = await runs.find(id);
  if (run === undefined) throw new Failure('run-not-found', `There is no run ${id} in this installation.`);
  return { run, by: await groups.person(user, runs.environment(run.environment)) };
}
