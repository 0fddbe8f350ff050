import { z } from 'zod';

const HomeClick = z.looseObject({
  type: z.literal('interactive'),
  payload: z.looseObject({
    type: z.literal('block_actions'),
    user: z.looseObject({ id: z.string() }),
    message: z.undefined().optional(),
    view: z.undefined().optional(),
  }),
});

/**
 * What Slack would send for an envelope of the emulator: of a button in a home tab the emulator tells as of one in a message that
 * is not there, Slack of the view, without a channel and without an address for an answer. Undefined when it would send the same.
 * Source: docs.slack.dev/reference/interaction-payloads/block_actions-payload
 */
export function homeClick(envelope: unknown): object | undefined {
  const { data } = HomeClick.safeParse(envelope);
  if (data === undefined) return undefined;
  const { channel: _, response_url: __, message: ___, state: ____, ...payload } = data.payload;
  const id = `VHOME${payload.user.id}`;
  return {
    ...data,
    payload: {
      ...payload,
      container: { type: 'view', view_id: id },
      view: { id, type: 'home', private_metadata: '', callback_id: '', state: { values: {} }, hash: id },
    },
  };
}
