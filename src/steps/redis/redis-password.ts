import { z } from 'zod';
import { Failure } from '../../errors.ts';
import { reveal, type Secret } from '../../secret.ts';
import { defineStep, satisfied, Text, unsatisfied } from '../step.ts';
import { setAndRewrite } from './redis-config.ts';
import { isReply, redisPlace, withRedis } from './redis-connection.ts';

const Remembered = z.object({ set: z.boolean() });

/**
 * Redis refuses clients without a password, and the wanted one works. Undo opens the server again only when this run closed it;
 * that another password is set is a Failure, since the old one may be in use elsewhere.
 */
export const redisPassword = defineStep({
  uses: 'redis/password',
  summary: 'Redis refuses clients without a password, and the wanted password works.',
  with: z.strictObject({
    url: Text.meta({ description: 'the server as seen from Slipway, with the wanted password' }),
  }),
  timeout: '30s',
  check: async ({ url }, { signal }) => {
    const where = redisPlace(url);
    passwordIn(url);
    const asked = 'PING without and with the password';
    if (await isOpen(url, signal)) {
      return unsatisfied(`${where} lets clients in without a password, wanted is that it refuses.`, {
        asked,
        of: where,
        answered: 'without: let in; with: not tried',
      });
    }
    const answer = await withRedis(url, signal, (redis) => redis.ping());
    return satisfied({ asked, of: where, answered: `without: refused; with: ${answer}` });
  },
  apply: async ({ url }, { signal }) => {
    const where = redisPlace(url);
    const password = passwordIn(url);
    if (!(await isOpen(url, signal))) {
      await withRedis(url, signal, (redis) => redis.ping());
      return { evidence: [], remember: { set: false } };
    }
    await setPassword(url, signal, password, 'password');
    const asked = 'CONFIG SET requirepass …, CONFIG REWRITE';
    return { evidence: [{ asked, of: where, answered: 'done' }], remember: { set: true } };
  },
  undo: async ({ url }, { signal }, remembered) => {
    if (!Remembered.parse(remembered).set) return [];
    const where = redisPlace(url);
    const asked = 'CONFIG SET requirepass "", CONFIG REWRITE';
    if (await isOpen(url, signal)) return [{ asked, of: where, answered: 'it has no password already' }];
    try {
      await setPassword(url, signal, '');
    } catch (cause) {
      if (!(cause instanceof Failure && cause.code === 'authentication-failed')) throw cause;
      throw new Failure(
        'not-undone',
        `${where} has another password by now, so it was left as it is; take it away by hand if the server is to be open again.`,
        { cause },
      );
    }
    return [{ asked, of: where, answered: 'done' }];
  },
});

function setPassword(
  url: string | Secret,
  signal: AbortSignal,
  password: string,
  without?: 'password',
): Promise<void> {
  const where = redisPlace(url);
  const set = async (redis: Parameters<Parameters<typeof withRedis>[2]>[0]) => {
    const outcome = await setAndRewrite(redis, { requirepass: password }, where);
    if (outcome.is === 'kept') return;
    // What the server says may repeat the password.
    if (outcome.is === 'refused') {
      throw new Failure('config-refused', `Redis at ${where} refuses this password; nothing was changed.`);
    }
    await redis.call('CONFIG', 'SET', 'requirepass', password === '' ? passwordIn(url) : '');
    throw new Failure(
      'command-failed',
      `Redis at ${where} cannot write ${outcome.file}, so the password was set back to what it was; give its account the right to write that file and its folder.`,
    );
  };
  return withRedis(url, signal, set, without);
}

/** Whether the server answers a client that has shown no password. */
async function isOpen(url: string | Secret, signal: AbortSignal): Promise<boolean> {
  try {
    return await withRedis(url, signal, async (redis) => (await redis.ping()) === 'PONG', 'password');
  } catch (error) {
    if (error instanceof Failure && error.code === 'authentication-failed' && isReply(error)) return false;
    throw error;
  }
}

/** The password of the default user, the only one that `requirepass` sets (https://redis.io/docs/latest/operate/oss_and_stack/management/security/acl/). */
function passwordIn(url: string | Secret): string {
  const where = redisPlace(url);
  const { username, password } = new URL(reveal(url));
  if (password === '') {
    throw new Failure(
      'config-invalid',
      `The address of Redis at ${where} has no password; write it as redis://:password@host:6379/0.`,
    );
  }
  if (username !== '' && username !== 'default') {
    throw new Failure(
      'config-invalid',
      `The address names the user ${where.split('@')[0]}, but the password that Redis asks of everybody is the default user's; leave the name out.`,
    );
  }
  return decodeURIComponent(password);
}
