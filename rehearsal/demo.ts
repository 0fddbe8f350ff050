import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { pino } from 'pino';
import { Failure } from '../src/errors.ts';
import { withoutPart } from './demo/parts.ts';
import { play } from './demo/play.ts';
import { installedSlack } from './demo/slack-command.ts';
import { DemoRunning, keepSlackPort, slackPort } from './demo/slack-port.ts';
import { type Demo, startDemo } from './demo/start-demo.ts';
import { tellStory } from './demo/story.ts';
import { welcome } from './demo/welcome.ts';
import { LocalSlackMissing } from './slack/local-slack.ts';

const options = {
  play: { type: 'boolean', default: false },
  dir: { type: 'string', default: '.slipway/demo' },
} as const;
const out = process.stdout;

// Closers run newest first, whether the work is done, failed or was interrupted.
const closers: (() => Promise<unknown>)[] = [];
let closing: Promise<void> | undefined;
const close = (): Promise<void> => {
  closing ??= (async () => {
    for (const closer of closers.splice(0).reverse()) await closer();
  })();
  return closing;
};

const interrupted = new Promise<void>((settle) => {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => settle());
});

try {
  const { values } = parseArgs({ options });
  if (values.play) await playIt();
  else await serve(values.dir);
} catch (error) {
  process.stderr.write(`${error instanceof Error ? told(error) : String(error)}\n`);
  process.exitCode = 1;
} finally {
  await close();
}
// The bot's WebSocket would wait for the goodbye of a Slack that Ctrl-C has ended too.
process.exit();

function told(error: Error): string | undefined {
  const isForeseen = [LocalSlackMissing, DemoRunning, Failure].some((kind) => error instanceof kind);
  const isMistyped = 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS');
  return isForeseen || isMistyped ? error.message : error.stack;
}

/** Runs until Ctrl-C, on data that the next start finds again. */
async function serve(dir: string): Promise<void> {
  await mkdir(dir, { recursive: true });
  const port = await slackPort(dir);
  out.write('Starting PostgreSQL, the rehearsal world, the local Slack and Slipway …\n');
  const demo = await started({ dir, port, logFile: join(dir, 'slipway.log') });
  await keepSlackPort(dir, demo.workspace.slack.port);
  out.write(welcome(demo, dir));
  await interrupted;
  out.write('\nStopping …\n');
  await close();
  out.write('Stopped. `npm run demo` goes on from here.\n');
}

/** Plays by itself on data of its own, which are removed afterwards. */
async function playIt(): Promise<void> {
  const dir = await mkdtemp(join(tmpdir(), 'slipway-demo-'));
  closers.push(() => rm(dir, { recursive: true, force: true }));
  const demo = await started({ dir, logFile: join(dir, 'slipway.log') });
  for (const part of demo.missing) out.write(`${withoutPart[part]}\n`);
  const played = play(
    demo,
    tellStory(out, () => performance.now()),
  ).then(() => 'played' as const);
  const end = await Promise.race([played, interrupted.then(() => 'interrupted' as const)]);
  out.write(end === 'played' ? '\nEvery stage ended as it should.\n' : '\nInterrupted.\n');
  if (end === 'interrupted') process.exitCode = 1;
}

async function started(options: { dir: string; port?: number; logFile: string }): Promise<Demo> {
  const { logFile, ...rest } = options;
  const log = pino({ level: 'info' }, pino.destination({ dest: logFile, mkdir: true, sync: true }));
  const slackCommand = installedSlack();
  const demo = await startDemo({ ...rest, log, ...(slackCommand && { slackCommand }) });
  closers.push(() => demo.stop());
  return demo;
}
