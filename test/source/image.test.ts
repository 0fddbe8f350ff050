import { afterEach, describe, expect, test } from 'vitest';
import { type Registry, type RegistryOptions, startRegistry } from '../../rehearsal/registry/registry.ts';
import { Secret } from '../../src/secret.ts';
import { digestOf } from '../../src/source/image.ts';

const account = { user: 'robot', password: new Secret('REGISTRY_PASSWORD', 'registry-password') };
const wrong = { user: 'robot', password: new Secret('REGISTRY_PASSWORD', 'not-the-password') };

let registry: Registry | undefined;

afterEach(async () => {
  await registry?.stop();
  registry = undefined;
});

async function start(options: Partial<RegistryOptions> = {}): Promise<Registry> {
  registry = await startRegistry({ name: 'crew/shop', ...options });
  return registry;
}

const asked = (tag: string, who?: typeof account, limit = 15_000) =>
  digestOf({ image: `${registry?.host}/crew/shop`, account: who }, tag, limit).catch(
    (error: unknown) => error,
  );

describe('a tag of an image', () => {
  test.each([
    ['open', undefined, ['HEAD /v2/crew/shop/manifests/v1']],
    ['basic', account, ['HEAD /v2/crew/shop/manifests/v1', 'HEAD /v2/crew/shop/manifests/v1']],
    ['token', account, ['HEAD /v2/crew/shop/manifests/v1', 'GET /login', 'HEAD /v2/crew/shop/manifests/v1']],
  ] as const)('has its digest in a registry whose door is %s', async (door, who, requests) => {
    const { push, asked: seen } = await start({ door });
    const digest = push('v1');

    const found = await asked('v1', who);

    expect(found).toBe(digest);
    expect(seen).toEqual(requests);
  });

  test('has its digest where the registry does not name it', async () => {
    const { push } = await start({ namesDigest: false });
    const digest = push('v1');

    const found = await asked('v1');

    expect(found).toBe(digest);
  });

  test.each([
    ['v1.0.2', 'did you mean "v1.0.0"?'],
    ['nightly', 'the newest tags are v1.1.0, v1.0.0.'],
  ])('that is unknown, such as %s, is told with near ones', async (tag, told) => {
    const { push } = await start({ door: 'token' });
    push('v1.0.0');
    push('v1.1.0');

    const failure = await asked(tag, account);

    expect(failure).toMatchObject({ code: 'version-unknown', message: expect.stringContaining(told) });
  });

  test('is no branch with a slash', async () => {
    await start();

    const failure = await asked('fix/cart');

    expect(failure).toMatchObject({ code: 'version-unknown' });
    expect(String(failure)).toContain('cannot be a tag');
    expect(registry?.asked).toEqual([]);
  });

  test.each([
    ['basic', undefined],
    ['basic', wrong],
    ['token', undefined],
    ['token', wrong],
  ] as const)(
    'is not told at the door %s without the right password, which is not told either',
    async (door, who) => {
      const { push } = await start({ door });
      push('v1');

      const failure = await asked('v1', who);

      expect(failure).toMatchObject({ code: 'authentication-failed' });
      expect(String(failure)).toContain('source.registry');
      expect(String(failure)).not.toContain('not-the-password');
    },
  );

  test.each([500, 429])('cannot be found while the registry answers %i', async (status) => {
    const { fail } = await start();
    fail(status);

    const failure = await asked('v1');

    expect(failure).toMatchObject({
      code: 'source-unreachable',
      message: expect.stringContaining(String(status)),
    });
  });

  test('cannot be found where nothing listens', async () => {
    await start();
    await registry?.stop();

    const failure = await asked('v1');

    expect(failure).toMatchObject({ code: 'source-unreachable' });
    expect(String(failure)).toContain('ECONNREFUSED');
  });
});
