/**
 * Makes an answer to a command or click ephemeral when it does not say for whom it is; the emulator would show it to all.
 * Source: docs.slack.dev/interactivity/implementing-slash-commands#responding_response_url
 */
export function ephemeralByDefault(args: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const isMessage = args.text !== undefined || args.blocks !== undefined;
  return isMessage ? { response_type: 'ephemeral', ...args } : { ...args };
}
