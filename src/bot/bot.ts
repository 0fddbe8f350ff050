import { App, LogLevel } from '@slack/bolt';
import type { SlackConfig } from '../config.ts';
import { Failure } from '../errors.ts';
import { details, sendFile, turnPage } from './actions/details.ts';
import { approve, askRejection, reject, reopen } from './actions/gate.ts';
import { answer, askAnswer, askSettle, askSkip, retry, settle, skip } from './actions/help.ts';
import { showPlan } from './actions/plan.ts';
import { abort, askAbort, askRollBack, rollBack } from './actions/stop.ts';
import { action, modal } from './blocks/action.ts';
import type { BotParts } from './bot-parts.ts';
import { deploy } from './commands/deploy.ts';
import { cause } from './commands/locking.ts';
import { listening } from './listen.ts';

/**
 * Connects to Slack, over Socket Mode when there is an app token and by signed HTTP requests on `host`:`port` otherwise, and
 * listens. Throws `slack-unreachable` or `slack-refused`.
 */
export async function openBot(
  slack: SlackConfig,
  bot: BotParts,
): Promise<{ readonly close: () => Promise<void> }> {
  const { botToken, appToken, signingSecret, apiUrl, port, host } = slack;
  const app = new App({
    token: botToken.reveal(),
    ...(appToken === undefined
      ? { signingSecret: signingSecret?.reveal() ?? '' }
      : { appToken: appToken.reveal(), socketMode: true }),
    clientOptions: apiUrl === undefined ? {} : { slackApiUrl: apiUrl },
    logLevel: LogLevel.ERROR,
    deferInitialization: true,
  });
  app.error(async (error) => bot.log.error({ error }, 'a request of Slack failed'));
  bind(app, bot);
  try {
    await app.init();
    await bot.client.auth.test();
    await (appToken === undefined ? app.start({ port, host }) : app.start());
  } catch (error) {
    const where = apiUrl ?? 'https://slack.com/api/';
    throw new Failure(
      'slack-unreachable',
      `${where} did not let Slipway in (${(error as Error).message}). Check SLACK_BOT_TOKEN and SLACK_APP_TOKEN, and SLACK_API_URL if it is set.`,
      { cause: error },
    );
  }
  return {
    close: async () => {
      await app.stop();
    },
  };
}

function bind(app: App, bot: BotParts): void {
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
  on.action(action.abort, askAbort(bot));
  on.action(action.rollBack, askRollBack(bot));
  on.action(action.plan, showPlan(bot));

  on.view(modal.reject, reject(bot));
  on.view(modal.skip, skip(bot));
  on.view(modal.answer, answer(bot));
  on.view(modal.settle, settle(bot));
  on.view(modal.abort, abort(bot));
  on.view(modal.rollBack, rollBack(bot));
  on.view(modal.unlock, cause(bot));
}
