import type { Redis } from 'ioredis';
import { Failure } from '../../errors.ts';
import { infoField } from './redis-info.ts';

/** Whether an answer came of setting the configuration, and which of the two was refused with what words. */
export type ConfigOutcome =
  | { readonly is: 'kept'; readonly file: string }
  | { readonly is: 'refused' | 'not-written'; readonly said: string; readonly file: string };

/**
 * Sets all of the pairs, or none, and has the server write its file, as one transaction: a connection that is lost on the way
 * leaves either both done or neither. Throws a Failure, having changed nothing, when the server was started without a file.
 */
export async function setAndRewrite(
  redis: Redis,
  pairs: Readonly<Record<string, string>>,
  where: string,
): Promise<ConfigOutcome> {
  const file = infoField(await redis.info('server'), 'config_file');
  if (file === '') {
    throw new Failure(
      'command-failed',
      `Redis at ${where} was started without a configuration file, so what is set now would be gone after a restart; nothing was changed. Start it with a file, such as redis-server /etc/redis/redis.conf.`,
    );
  }
  const answers = await redis
    .multi()
    .call('CONFIG', 'SET', ...Object.entries(pairs).flat())
    .call('CONFIG', 'REWRITE')
    .exec();
  const [set, rewrite] = (answers ?? []).map(([error]) => error);
  if (set) return { is: 'refused', said: set.message, file };
  if (rewrite) return { is: 'not-written', said: rewrite.message, file };
  return { is: 'kept', file };
}
