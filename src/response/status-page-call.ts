import { oneLine } from '../alerts/one-line.ts';
import { Failure } from '../errors.ts';
import { reasonOf } from '../reason-of.ts';

/** What a service outside answered: its status, and the beginning of its body. */
export interface Answered {
  readonly status: number;
  readonly text: string;
}

/** One call over HTTP. */
export interface Calling {
  readonly method: 'GET' | 'POST' | 'PATCH';
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Milliseconds that it may take. */
  readonly limit: number;
}

/** A list of a hundred incidents with their updates is large, and anything larger is none. */
const mostBytes = 20_000_000;

/** Asks once and never follows elsewhere; throws `status-page-unreachable` when nothing comes back, or an answer that passes. */
export async function call({ method, url, headers, body, limit }: Calling): Promise<Answered> {
  const signal = AbortSignal.timeout(limit);
  const answered = await fetch(url, {
    method,
    headers,
    signal,
    redirect: 'manual',
    ...(body !== undefined && { body }),
  })
    .then(async (response) => ({ status: response.status, text: await bounded(response) }))
    .catch((error: unknown) => {
      const because = signal.aborted ? `no answer within ${limit / 1_000} s` : reasonOf(error);
      const { host } = new URL(url);
      throw new Failure(
        'status-page-unreachable',
        `The status page at ${host} does not answer (${because}).`,
        {
          cause: error,
        },
      );
    });
  if (passing(answered.status)) {
    throw new Failure('status-page-unreachable', `The status page answered ${answered.status}.`);
  }
  return answered;
}

/** A refusal for good, with what the service said about it. */
export function refusedWith({ status, text }: Answered): Failure {
  const said = oneLine(text, 200) || 'no reason given';
  const todo =
    status === 401 || status === 403
      ? ' Check its secret or token in slipway.yaml, then approve it again.'
      : '';
  return new Failure('status-page-refused', `The status page refused it with ${status}: ${said}.${todo}`);
}

/** Too many calls (Statuspage says 420 or 429), too early, too slow, or a service in trouble. */
function passing(status: number): boolean {
  return [408, 420, 425, 429].includes(status) || status >= 500;
}

async function bounded(response: Response): Promise<string> {
  let text = '';
  const decoder = new TextDecoder();
  for await (const chunk of response.body ?? []) {
    text += decoder.decode(chunk, { stream: true });
    if (text.length > mostBytes) throw new Error('the answer is too long');
  }
  return text + decoder.decode();
}
