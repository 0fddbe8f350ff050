import { App } from '@slack/bolt';
import { WebAPIPlatformError } from '@slack/web-api';
import type { SlackConfig } from '../config.ts';
import { Failure } from '../errors.ts';
import { reasonOf } from '../reason-of.ts';
import { details, sendFile, turnPage } from './actions/details.ts';
import { approve, askRejection, reject, reopen } from './actions/gate.ts';
import { answer, askAnswer, askSettle, askSkip, retry, settle, skip } from './actions/help.ts';
import { showPlan } from './actions/plan.ts';
import { abort, askAbort, askContinue, askRollBack, goOn, rollBack } from './actions/stop.ts';
import { bindAlerts } from './bindings/alerts.ts';
import { bindHome } from './bindings/home.ts';
import { bindIncidents } from './bindings/incidents.ts';
import { bindPins } from './bindings/pins.ts';
import { bindRunbooks } from './bindings/runbooks.ts';
import { action, modal } from './blocks/action.ts';
import { boltLog } from './bolt-log.ts';
import type { BotParts } from './bot-parts.ts';
import { deploy } from './commands/deploy.ts';
import { cause } from './commands/locking.ts';
import type { Homes } from './home/home.ts';
import { listening } from './listen.ts';

/**
 * How Bolt asks for a new connection after Slack was away: without end, and often enough that nobody waits for long once
 * Slack is back. By itself it would wait a third longer each time, and give up with an error that ends the process.
 */
const reconnecting = {
  retryConfig: { forever: true, minTimeout: 500, factor: 1.3, maxTimeout: 5_000, randomize: true },
  timeout: 10_000,
};

/**
 * Connects to Slack, over Socket Mode when there is an app token and by signed HTTP requests on `host`:`port` otherwise, and
 * listens. Throws `slack-unreachable` or `slack-refused`.
 */
export async function openBot(
  slack: SlackConfig,
  bot: BotParts,
  homes: Pick<Homes, 'opened'>,
): Promise<{ readonly close: () => Promise<void> }> {
  const { botToken, appToken, signingSecret, apiUrl, port, host } = slack;
  const identity = await whoWeAre(slack, bot);
  const app = new App({
    authorize: async () => ({ botToken: botToken.reveal(), ...identity }),
    ...(appToken === undefined
      ? { signingSecret: signingSecret?.reveal() ?? '' }
      : { appToken: appToken.reveal(), socketMode: true }),
    clientOptions: { ...reconnecting, ...(apiUrl === undefined ? {} : { slackApiUrl: apiUrl }) },
    logger: boltLog(bot.log),
  });
  app.error(async (error) => bot.log.error({ error }, 'a request of Slack failed'));
  bind(app, bot, homes);
  try {
    await (appToken === undefined ? app.start({ port, host }) : app.start());
  } catch (error) {
    throw appToken === undefined ? notListening(error, slack) : notLetIn(error, slack, 'SLACK_APP_TOKEN');
  }
  return {
    close: async () => {
      await app.stop();
    },
  };
}

/** Asks Slack who the bot token belongs to, which every message needs to know and which proves the token. */
async function whoWeAre(slack: SlackConfig, { client }: BotParts) {
  try {
    const { user_id, bot_id } = await client.auth.test();
    return {
      ...(user_id === undefined ? {} : { botUserId: user_id }),
      ...(bot_id === undefined ? {} : { botId: bot_id }),
    };
  } catch (error) {
    throw notLetIn(error, slack, 'SLACK_BOT_TOKEN');
  }
}

function notLetIn(error: unknown, { apiUrl }: SlackConfig, token: string): Failure {
  const where = `Slack at ${apiUrl ?? 'https://slack.com/api/'}`;
  if (error instanceof WebAPIPlatformError) {
    return new Failure(
      'slack-refused',
      `${where} refused ${token} (${error.data.error}). Put the app's token there, from api.slack.com/apps.`,
      { cause: error },
    );
  }
  return new Failure(
    'slack-unreachable',
    `${where} does not answer (${reasonOf(error)}). Check the network, and SLACK_API_URL if it is set.`,
    { cause: error },
  );
}

function notListening(error: unknown, { host, port }: SlackConfig): Failure {
  return new Failure(
    'slack-unreachable',
    `Slipway cannot listen for Slack's requests on ${host}:${port} (${reasonOf(error)}). Set PORT, or listen in slipway.yaml, to an address that is free here.`,
    { cause: error },
  );
}

function bind(app: App, bot: BotParts, homes: Pick<Homes, 'opened'>): void {
  const on = listening(app, bot);
  on.command('/deploy', deploy(bot));

  on.action(action.approve, approve(bot));
  on.action(action.reject, askRejection(bot));
  on.action(action.reopen, reopen(bot));
  on.action(action.retry, retry(bot));
  on.action(action.skip, askSkip(bot));
  on.action(action.answer, askAnswer(bot));
  on.action(action.settle, askSettle(bot));
  on.action(action.phaseDetails, details(bot));
  on.action(action.stepDetails, details(bot));
  on.action(action.detailsPage, turnPage(bot));
  on.action(action.detailsFile, sendFile(bot));
  on.action(action.goOn, askContinue(bot));
  on.action(action.abort, askAbort(bot));
  on.action(action.rollBack, askRollBack(bot));
  on.action(action.plan, showPlan(bot));

  on.link(action.link);

  on.view(modal.reject, reject(bot));
  on.view(modal.skip, skip(bot));
  on.view(modal.answer, answer(bot));
  on.view(modal.settle, settle(bot));
  on.view(modal.goOn, goOn(bot));
  on.view(modal.abort, abort(bot));
  on.view(modal.rollBack, rollBack(bot));
  on.view(modal.unlock, cause(bot));

  bindAlerts(on, bot);
  bindRunbooks(on, bot);
  bindIncidents(on, bot);
  bindPins(on, bot);
  bindHome(on, homes);
}
