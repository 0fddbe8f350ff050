import { Agent, request } from 'node:http';
import { z } from 'zod';
import { bodyOf } from './bodies.ts';

/** What this process is told to send: `each` webhooks from each of `senders`, the first of which has the number `from`. */
const Order = z.object({
  port: z.number(),
  token: z.string(),
  senders: z.number(),
  from: z.number(),
  each: z.number(),
});

export type Order = z.infer<typeof Order>;

/** Milliseconds that it took to get all answers, and each answer. */
export interface Sent {
  readonly took: number;
  readonly answers: readonly number[];
}

// A process of its own, so that the time that sending takes is not the ingest's.
process.on('message', (message) => {
  void send(Order.parse(message)).then((sent) => process.send?.(sent));
});
process.once('disconnect', () => process.exit());

async function send({ port, token, senders, from, each }: Order): Promise<Sent> {
  const agent = new Agent({ keepAlive: true, maxSockets: senders });
  const answers: number[] = [];
  const bodies = Array.from({ length: senders }, (_, sender) =>
    Array.from({ length: each }, (_, index) => bodyOf(sender, from + index)),
  );
  const post = (body: string): Promise<number> =>
    new Promise((resolve, reject) => {
      const headers = {
        authorization: `Bearer ${token}`,
        'content-type': 'application/json',
        'content-length': Buffer.byteLength(body),
      };
      const path = '/alerts/alertmanager/bench';
      request({ agent, host: '127.0.0.1', port, path, method: 'POST', headers }, (response) => {
        response.resume().once('end', () => resolve(response.statusCode ?? 0));
      })
        .once('error', reject)
        .end(body);
    });
  const startedAt = performance.now();
  await Promise.all(
    bodies.map(async (own) => {
      for (const body of own) {
        const at = performance.now();
        const status = await post(body);
        if (status !== 200) throw new Error(`a webhook was answered ${status}`);
        answers.push(performance.now() - at);
      }
    }),
  );
  agent.destroy();
  return { took: performance.now() - startedAt, answers };
}
