import type { Redis } from 'ioredis';
import { z } from 'zod';
import { Failure } from '../../errors.ts';
import { type Check, defineStep, type Evidence, satisfied, Text, unsatisfied } from '../step.ts';
import { setAndRewrite } from './redis-config.ts';
import { redisPlace, withRedis } from './redis-connection.ts';
import { infoField } from './redis-info.ts';
import { sameSetting } from './redis-values.ts';

/** Settings that hold a secret, which this step would show; `redis/password` sets the first. */
const secretSettings = ['requirepass', 'masterauth', 'tls-key-file-pass', 'tls-client-key-file-pass'];

const SettingName = z
  .string()
  .regex(/^[a-z][a-z0-9-]*$/, 'a setting as CONFIG GET names it')
  .refine((name) => !secretSettings.includes(name), 'not a secret; for the password there is redis/password');

const SettingValue = z
  .union([z.string(), z.number()])
  .transform(String)
  .refine((value) => !/[\r\n\0]/.test(value), 'one line');

const With = z.strictObject({
  url: Text.meta({ description: 'the server as seen from Slipway' }),
  settings: z
    .record(SettingName, SettingValue)
    .refine((settings) => Object.keys(settings).length > 0, 'at least one setting')
    .meta({ description: "values as in redis.conf, such as `save: '900 1 300 10'` or `maxmemory: 512mb`" }),
});
type With = z.output<typeof With>;

const Remembered = z.object({ before: z.record(z.string(), z.string()) });

/** Redis runs with the wanted settings and has written them into its configuration file; undo sets the earlier values back. */
export const redisSettings = defineStep({
  uses: 'redis/settings',
  summary: 'Redis runs with the wanted settings and keeps them over a restart.',
  with: With,
  timeout: '30s',
  check: (wanted, { signal }) => withRedis(wanted.url, signal, (redis) => judge(wanted, redis)),
  apply: (wanted, { signal }) =>
    withRedis(wanted.url, signal, async (redis) => {
      const before = differing(wanted, await current(redis, wanted));
      if (Object.keys(before).length === 0) return { evidence: [], remember: { before } };
      const to = Object.fromEntries(Object.keys(before).map((name) => [name, wanted.settings[name] ?? '']));
      const evidence = await change(redis, to, before, wanted);
      return { evidence: [evidence], remember: { before } };
    }),
  undo: (wanted, { signal }, remembered) =>
    withRedis(wanted.url, signal, async (redis) => {
      const { before } = Remembered.parse(remembered);
      const found = await current(redis, wanted);
      const isOurs = (name: string) => sameSetting(name, wanted.settings[name] ?? '', found[name] ?? '');
      const back = Object.fromEntries(Object.entries(before).filter(([name]) => isOurs(name)));
      const evidence = Object.keys(back).length === 0 ? [] : [await change(redis, back, found, wanted)];
      const others = Object.keys(before).filter(
        (name) => !isOurs(name) && !sameSetting(name, before[name] ?? '', found[name] ?? ''),
      );
      if (others.length > 0) {
        throw new Failure(
          'not-undone',
          `Somebody has changed ${others.join(', ')} of Redis at ${redisPlace(wanted.url)} since, so that was left; the rest was set back.`,
        );
      }
      return evidence;
    }),
});

async function judge(wanted: With, redis: Redis): Promise<Check> {
  const where = redisPlace(wanted.url);
  const found = await current(redis, wanted);
  const file = infoField(await redis.info('server'), 'config_file');
  const evidence = {
    asked: `CONFIG GET ${Object.keys(wanted.settings).join(' ')}`,
    of: where,
    answered: `${shown(found)}; ${file === '' ? 'started without a configuration file' : file}`,
  };
  const wrong = Object.entries(differing(wanted, found)).map(
    ([name, value]) => `${name} is "${value}", wanted is "${wanted.settings[name]}"`,
  );
  if (wrong.length === 0) return satisfied(evidence);
  return unsatisfied(`Redis at ${where}: ${wrong.join('; ')}.`, evidence);
}

/** The running values of the wanted settings; throws a Failure for a setting that this server does not have. */
async function current(redis: Redis, { settings, url }: With): Promise<Readonly<Record<string, string>>> {
  const found: Record<string, string> = {};
  for (const name of Object.keys(settings)) {
    const [, value] = z.array(z.string()).parse(await redis.config('GET', name));
    if (value === undefined) {
      const version = infoField(await redis.info('server'), 'redis_version');
      throw new Failure(
        'not-found',
        `Redis ${version} at ${redisPlace(url)} has no setting ${name}; correct the name.`,
      );
    }
    found[name] = value;
  }
  return found;
}

function differing({ settings }: With, found: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(found).filter(([name, value]) => !sameSetting(name, settings[name] ?? '', value)),
  );
}

async function change(
  redis: Redis,
  to: Readonly<Record<string, string>>,
  before: Readonly<Record<string, string>>,
  { url }: With,
): Promise<Evidence> {
  const where = redisPlace(url);
  const outcome = await setAndRewrite(redis, to, where);
  if (outcome.is === 'refused') {
    throw new Failure(
      'config-refused',
      `Redis at ${where} refuses ${shown(to)}; nothing was changed. It says: ${outcome.said}`,
    );
  }
  if (outcome.is === 'not-written') {
    const old = Object.keys(to).map((name) => [name, before[name] ?? '']);
    await redis.call('CONFIG', 'SET', ...old.flat());
    throw new Failure(
      'command-failed',
      `Redis at ${where} cannot write ${outcome.file}, so the settings were set back; give its account the right to write that file and its folder. It says: ${outcome.said}`,
    );
  }
  const answered = `set, and ${outcome.file} rewritten`;
  return { asked: `CONFIG SET ${shown(to)}, CONFIG REWRITE`, of: where, answered };
}

function shown(settings: Readonly<Record<string, string>>): string {
  return Object.entries(settings)
    .map(([name, value]) => `${name} "${value}"`)
    .join(' ');
}
