import type { ErrorRequestHandler, Response } from 'express';
import type { Logger } from 'pino';
import { Failure, reasons } from '../errors.ts';
import { reasonOf } from '../reason-of.ts';
import { isPassing } from '../store/persist.ts';

/** How a webhook went; what is refused or unauthorized is not sent again (Alertmanager repeats after 5xx only). */
export type Outcome = 'accepted' | 'refused' | 'unauthorized' | 'unavailable';

/** Answers a request that failed, in one sentence without a trace of the inside, and counts and logs why. */
export function faults(parts: {
  readonly log: Logger;
  readonly count: (response: Response, outcome: Outcome) => void;
  readonly maxBytes: number;
}): ErrorRequestHandler {
  return (error: unknown, request, response, next) => {
    if (response.headersSent) {
      next(error);
      return;
    }
    const { log, count, maxBytes } = parts;
    const about = { path: request.path.slice(0, 200), error: reasonOf(error).slice(0, 500) };
    const status = statusOf(error);
    if (status === 413) {
      count(response, 'refused');
      log.error({ ...about, maxBytes }, 'a webhook was too large, and will not be sent again');
      refuse(response, 413, `The body has more than ${maxBytes} bytes, the most that alerts.maxBody allows.`);
    } else if (status !== undefined) {
      count(response, 'refused');
      log.error(about, 'a webhook could not be read, and will not be sent again');
      refuse(
        response,
        400,
        'The request is broken: its path, its length or its packing is not what it says.',
      );
    } else if (mayPass(error)) {
      count(response, 'unavailable');
      log.warn(about, 'a webhook was put off: it could not be committed');
      putOff(response, 'What was sent could not be committed.');
    } else {
      count(response, 'unavailable');
      log.error({ ...about, stack: error instanceof Error ? error.stack : undefined }, 'a webhook failed');
      refuse(response, 500, 'Something went wrong here.');
    }
  };
}

/** Tells a sender what is wrong. */
export function refuse(response: Response, status: 400 | 401 | 404 | 413 | 500, because: string): void {
  response.status(status).json({ error: because });
}

/** Asks a sender to come again soon. */
export function putOff(response: Response, because: string): void {
  response.status(503).set('Retry-After', '5').json({ error: because });
}

/** The status that express and its body reader give to an error of the sender's. */
function statusOf(error: unknown): number | undefined {
  if (!(error instanceof Error) || !('status' in error)) return undefined;
  const { status } = error;
  return typeof status === 'number' && status >= 400 && status < 500 ? status : undefined;
}

function mayPass(error: unknown): boolean {
  return error instanceof Failure ? reasons[error.code].retry : isPassing(error);
}
