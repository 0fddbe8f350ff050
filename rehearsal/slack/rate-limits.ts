import type { WebApiCall } from './web-api-call.ts';

export type RateLimits = {
  /** Counts a call at `now` (ms); answers the whole seconds to wait when the call is one too many, and does not count it. */
  retryAfter(call: WebApiCall, now: number): number | undefined;
};

type Window = { readonly calls: number; readonly ms: number };

const minute = 60_000;
const tier2: readonly Window[] = [{ calls: 24, ms: minute }];
const tier3: readonly Window[] = [{ calls: 60, ms: minute }];
const tier4: readonly Window[] = [{ calls: 120, ms: minute }];
const posting: readonly Window[] = [
  { calls: 3, ms: 1000 },
  { calls: 63, ms: minute },
];

const methods: Readonly<Record<string, readonly Window[]>> = {
  'chat.update': tier3,
  'chat.delete': tier3,
  'chat.postEphemeral': tier4,
  'conversations.create': tier2,
  'conversations.history': tier3,
  'conversations.replies': tier3,
  'conversations.info': tier3,
  'conversations.invite': tier3,
  'conversations.list': tier2,
  'conversations.members': tier4,
  'conversations.open': tier3,
  'conversations.setPurpose': tier2,
  'conversations.setTopic': tier2,
  'pins.add': tier2,
  'reactions.add': tier3,
  'usergroups.list': tier2,
  'usergroups.users.list': tier2,
  'users.conversations': tier3,
  'users.info': tier4,
  'users.list': tier2,
  'users.lookupByEmail': tier3,
};

/**
 * Slack's rate limits as sliding windows: a method's tier a minute with a fifth as tolerance, and for chat.postMessage
 * one a second in each channel, of which three may come at once. An internal app keeps tier 3 for history and replies.
 * Source: docs.slack.dev/apis/web-api/rate-limits and the tier on each method's page.
 */
export function slackRateLimits(): RateLimits {
  const taken = new Map<string, number[]>();
  return {
    retryAfter(call, now) {
      const windows = windowsOf(call.method);
      if (windows === undefined) return undefined;
      const key =
        call.method === 'chat.postMessage' ? `${call.method} ${String(call.args.channel)}` : call.method;
      const times = (taken.get(key) ?? []).filter((at) => at > now - minute);
      let wait = 0;
      for (const window of windows) {
        const inside = times.filter((at) => at > now - window.ms);
        const first = inside.at(-window.calls);
        if (first !== undefined) wait = Math.max(wait, first + window.ms - now);
      }
      if (wait === 0) times.push(now);
      taken.set(key, times);
      return wait === 0 ? undefined : Math.max(1, Math.ceil(wait / 1000));
    },
  };
}

function windowsOf(method: string): readonly Window[] | undefined {
  if (method === 'chat.postMessage') return posting;
  if (method.startsWith('views.') || method.startsWith('files.')) return tier4;
  return methods[method];
}
