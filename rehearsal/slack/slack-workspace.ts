export type SlackUser = {
  readonly id: string;
  readonly name: string;
  readonly real_name?: string;
  readonly email?: string;
};

export type SlackChannel = {
  readonly id: string;
  readonly name: string;
  readonly is_private?: boolean;
  readonly topic?: string;
  readonly members: readonly string[];
};

type SlackApp = {
  readonly appId: string;
  readonly botUserId: string;
  readonly botName: string;
  readonly botToken: string;
  readonly appToken: string;
  readonly signingSecret: string;
  readonly mode: 'socket' | 'events';
  /** Where signed HTTP requests go in the mode `events`. */
  readonly requestUrl?: string;
};

/** The workspace as local-slack 0.1.8 reads it from its configuration file. */
export type SlackWorkspace = {
  readonly workspace: { readonly name: string; readonly domain: string; readonly teamId: string };
  readonly apps: readonly SlackApp[];
  readonly users: readonly SlackUser[];
  readonly channels: readonly SlackChannel[];
};

export type RehearsalWorkspaceOptions = {
  readonly users?: readonly SlackUser[];
  readonly channels?: readonly SlackChannel[];
  /** Signed HTTP requests to this address instead of Socket Mode. */
  readonly requestUrl?: string;
};

/** The bot as the rehearsal workspace knows it; the tokens are valid nowhere else. */
export const rehearsalBot = {
  appId: 'A0SLIPWAY',
  botUserId: 'U0SLIPWAY',
  botName: 'slipway',
  botToken: 'xoxb-rehearsal-slipway',
  appToken: 'xapp-rehearsal-slipway',
  signingSecret: 'rehearsal-signing-secret',
} as const;

const people: readonly SlackUser[] = [
  { id: 'U0ALICE', name: 'alice', real_name: 'Alice', email: 'alice@example.test' },
  { id: 'U0BOB', name: 'bob', real_name: 'Bob', email: 'bob@example.test' },
  { id: 'U0CAROL', name: 'carol', real_name: 'Carol', email: 'carol@example.test' },
];

/** Builds a workspace of alice, bob, carol and the given further users, in the channels production, staging and alerts. */
export function rehearsalWorkspace(options: RehearsalWorkspaceOptions = {}): SlackWorkspace {
  const users = [...people, ...(options.users ?? [])];
  const members = [rehearsalBot.botUserId, ...users.map((user) => user.id)];
  const channels = options.channels ?? [
    { id: 'C0PRODUCTION', name: 'production', topic: 'Deployments to production', members },
    { id: 'C0STAGING', name: 'staging', topic: 'Deployments to staging', members },
    { id: 'C0ALERTS', name: 'alerts', topic: 'What is on fire', members },
    {
      id: 'C0ELSEWHERE',
      name: 'elsewhere',
      topic: 'The bot is not here',
      members: users.map((user) => user.id),
    },
  ];
  const delivery =
    options.requestUrl === undefined
      ? { mode: 'socket' as const }
      : { mode: 'events' as const, requestUrl: options.requestUrl };
  return {
    workspace: { name: 'Rehearsal', domain: 'rehearsal', teamId: 'T0REHEARSAL' },
    apps: [{ ...rehearsalBot, ...delivery }],
    users,
    channels,
  };
}
