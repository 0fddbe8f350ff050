import { Redis } from 'ioredis';
import { Failure } from '../../errors.ts';
import { reveal, type Secret } from '../../secret.ts';
import { asFailure } from '../failures.ts';
import { heeding } from '../waits.ts';

/** `user@host:port/db` of a Redis URL; throws a Failure when it is none. */
export function redisPlace(url: string | Secret): string {
  const { username, hostname, port, pathname } = parsed(url);
  const user = username === '' ? 'default' : decodeURIComponent(username);
  return `${user}@${hostname}:${port === '' ? '6379' : port}/${pathname.slice(1) || '0'}`;
}

/** Connects once without retries, hands the client over and always closes it; the signal cuts the connection. Throws Failures only. */
export async function withRedis<T>(
  url: string | Secret,
  signal: AbortSignal,
  use: (redis: Redis) => Promise<T>,
  without?: 'password',
): Promise<T> {
  const address = parsed(url);
  if (without) {
    address.username = '';
    address.password = '';
  }
  const redis = new Redis(address.href, {
    lazyConnect: true,
    enableReadyCheck: false,
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    disableClientInfo: true,
    retryStrategy: () => null,
  });
  // What went wrong while connecting comes only as an event; the promise says no more than "closed".
  let first: unknown;
  redis.on('error', (error) => {
    first ??= error;
  });
  const work = async () => {
    await redis.connect();
    return use(redis);
  };
  try {
    return await heeding(signal, work(), () => redis.disconnect());
  } catch (error) {
    throw asFailure(isReply(error) ? error : (first ?? error), `Redis at ${redisPlace(url)}`, signal);
  } finally {
    redis.disconnect();
  }
}

/** Whether this is an answer of the server itself rather than trouble on the way to it. */
export function isReply(error: unknown): error is Error {
  return error instanceof Error && (error.name === 'ReplyError' || error instanceof Failure);
}

function parsed(url: string | Secret): URL {
  const text = reveal(url);
  if (!URL.canParse(text) || !/^rediss?:$/.test(new URL(text).protocol)) {
    throw new Failure(
      'config-invalid',
      'The address is not a Redis URL; write it as redis://:password@host:6379/0.',
    );
  }
  return new URL(text);
}
