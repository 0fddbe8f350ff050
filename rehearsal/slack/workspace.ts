import { type Gateway, type GatewayOptions, gatewayPrefix, startGateway } from './gateway.ts';
import { type LocalSlack, startLocalSlack } from './local-slack.ts';
import { connectPeople, type People } from './people.ts';
import { rehearsalBot, rehearsalWorkspace, type SlackChannel, type SlackUser } from './slack-workspace.ts';
import type { UserGroups } from './user-groups.ts';

export type WorkspaceOptions = {
  /** A directory for the local Slack's files; the caller removes it. */
  readonly dir: string;
  /** Users beside alice, bob and carol. */
  readonly users?: readonly SlackUser[];
  /** Channels instead of production, staging, alerts and elsewhere. */
  readonly channels?: readonly SlackChannel[];
  readonly groups?: UserGroups;
  readonly limits?: GatewayOptions['limits'];
  readonly allowMentions?: readonly string[];
  /** The clock of the limits, which a test may let run faster. */
  readonly now?: () => number;
  /** Socket Mode unless `http`: signed requests, which go where `gateway.deliverTo` was told. */
  readonly delivery?: 'socket' | 'http';
  /** The port of the page for people; any free one unless given. */
  readonly port?: number;
  readonly command?: readonly string[];
  /** Whether people look at the page. */
  readonly isWatched?: boolean;
};

export type Workspace = {
  readonly slack: LocalSlack;
  readonly gateway: Gateway;
  readonly people: People;
  /** What a bot needs in its environment to be the app of this workspace. */
  readonly env: {
    readonly SLACK_BOT_TOKEN: string;
    readonly SLACK_APP_TOKEN: string;
    readonly SLACK_SIGNING_SECRET: string;
    readonly SLACK_API_URL: string;
  };
  stop(): Promise<void>;
};

/**
 * Starts a whole local workspace: the emulator, the strict gateway before it for the bot, and people to act in it; rejects
 * as startLocalSlack does, with nothing left running.
 */
export async function startWorkspace(options: WorkspaceOptions): Promise<Workspace> {
  const { dir, groups, limits, allowMentions, now, delivery, port, command, isWatched, ...described } =
    options;
  const { botToken, appToken, signingSecret } = rehearsalBot;
  const closers: (() => Promise<void>)[] = [];
  const stop = async (): Promise<void> => {
    for (const close of closers.splice(0).reverse()) await close();
  };

  try {
    // The emulator must name the gateway in the addresses that it gives out, so the gateway is there first.
    const upstream = { port: 0 };
    const gateway = await startGateway({
      upstream,
      limits: limits ?? 'off',
      userGroups: groups ?? {},
      allowMentions: allowMentions ?? [],
      isWatched: isWatched ?? false,
      ...(now === undefined ? {} : { now }),
      tokens: { bot: botToken, app: appToken },
    });
    closers.push(() => gateway.stop());
    const slack = await startLocalSlack({
      workspace: rehearsalWorkspace({
        ...described,
        ...(delivery === 'http' ? { requestUrl: gateway.deliveryUrl } : {}),
      }),
      dir,
      baseHost: `127.0.0.1:${gateway.port}/${gatewayPrefix}`,
      ...(port === undefined ? {} : { port }),
      ...(command === undefined ? {} : { command }),
    });
    // The emulator goes last: until the gateway is closed a stopping bot says goodbye through it.
    closers.unshift(() => slack.stop());
    upstream.port = slack.port;
    const people = await connectPeople(slack.url);
    closers.push(() => people.stop());
    return {
      slack,
      gateway,
      people,
      env: {
        SLACK_BOT_TOKEN: botToken,
        SLACK_APP_TOKEN: appToken,
        SLACK_SIGNING_SECRET: signingSecret,
        SLACK_API_URL: gateway.url,
      },
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}
