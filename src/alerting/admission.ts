import type { RequestHandler } from 'express';

/** What a process takes in at a time. */
export interface Capacity {
  /** Requests under way, and of those how many may be large. */
  readonly requests: number;
  readonly large: number;
  /** From how many bytes on a body is large; one that is packed or does not say its length is large. */
  readonly largeFrom: number;
}

/** Lets requests in while there is room, and calls `full` with those for which there is none. */
export function admission({ requests, large, largeFrom }: Capacity, full: RequestHandler): RequestHandler {
  const underWay = { all: 0, large: 0 };
  return (request, response, next) => {
    const { 'content-length': length, 'content-encoding': packed = 'identity' } = request.headers;
    const isLarge = length === undefined || packed !== 'identity' || Number(length) >= largeFrom;
    if (underWay.all >= requests || (isLarge && underWay.large >= large)) {
      full(request, response, next);
      return;
    }
    underWay.all += 1;
    if (isLarge) underWay.large += 1;
    response.once('close', () => {
      underWay.all -= 1;
      if (isLarge) underWay.large -= 1;
    });
    next();
  };
}
