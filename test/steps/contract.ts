import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { inspect } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Failure } from '../../src/errors.ts';
import { Secret } from '../../src/secret.ts';
import type { Check, Step, StepContext } from '../../src/steps/step.ts';

/** A world in which a step is tried, opened once per contract. */
interface Case {
  /** What the plan says; parsed with the step's own schema. */
  readonly wanted: unknown;
  /** The same with a server that accepts connections and never answers. */
  readonly hung?: (port: number) => { readonly wanted: unknown; readonly context?: Partial<StepContext> };
  readonly context?: Partial<StepContext>;
  /** Everything of the world that the step could change, as a comparable value. */
  readonly snapshot: () => Promise<unknown>;
  readonly close: () => Promise<void>;
}

interface Promises {
  /** What the first check finds; steps without `apply` begin as they end. */
  readonly first: Check['is'];
  /** What the check finds after apply. */
  readonly last: Check['is'];
  /** Whether undo brings the first snapshot back. */
  readonly undoes?: boolean;
  /** Whether a second apply may change something, which only commands without a check do. */
  readonly repeats?: boolean;
}

/** The context of a step in a test; everything may be replaced. */
export function contextOf(some: Partial<StepContext> = {}): StepContext {
  return {
    signal: AbortSignal.timeout(50_000),
    now: Date.now,
    firstSeenAt: Date.now(),
    answers: [],
    hosts: {},
    log: () => {},
    ...some,
  };
}

/** Runs a check as the engine would: the parameters parsed first. */
export function checking(step: Step, wanted: unknown, context: Partial<StepContext> = {}): Promise<Check> {
  return step.check(step.with.parse(wanted), contextOf(context));
}

/** The Failure that a promise rejects with; anything else fails the test. */
export async function failureOf(work: Promise<unknown>): Promise<Failure> {
  const error = await work.then(
    (value) => new Error(`it did not fail but gave ${inspect(value)}`),
    (error: unknown) => error,
  );
  if (error instanceof Failure) return error;
  throw error;
}

/** What every step promises, tried on one world. */
export function contract(step: Step, promised: Promises, open: () => Promise<Case>): void {
  describe(`the contract of ${step.uses}`, () => {
    const told: string[] = [];
    let world: Case;

    beforeAll(async () => {
      world = await open();
    });
    afterAll(() => world?.close());

    const tell = <T>(value: T): T => {
      told.push(JSON.stringify(value), inspect(value, { depth: 10 }));
      return value;
    };
    const check = async () => tell(await checking(step, world.wanted, world.context ?? {}));
    const apply = async () =>
      tell(await step.apply?.(step.with.parse(world.wanted), contextOf(world.context ?? {})));

    test('check only looks, and finds the same twice', async () => {
      const before = await world.snapshot();

      const [first, second] = [await check(), await check()];

      expect(first.is, inspect(first)).toBe(promised.first);
      expect(second.is).toBe(first.is);
      expect(await world.snapshot()).toEqual(before);
    });

    const testApply = step.apply ? test : () => undefined;
    testApply('apply makes it so, a second apply changes nothing, undo restores', async () => {
      const before = await world.snapshot();

      const applied = await apply();
      const after = await world.snapshot();
      const checked = await check();
      await apply();
      const again = await world.snapshot();

      expect(checked.is, inspect(checked)).toBe(promised.last);
      if (!promised.repeats) expect(again).toEqual(after);
      if (promised.undoes) {
        expect(after).not.toEqual(before);
        const remembered: unknown = applied?.remember && JSON.parse(JSON.stringify(applied.remember));
        const parameters = step.with.parse(world.wanted);
        tell(await step.undo?.(parameters, contextOf(world.context ?? {}), remembered));
        expect(await world.snapshot()).toEqual(before);
      }
    });

    test('abort stops it at once where the server hangs', async () => {
      if (!world.hung) return;
      const server = await hungServer();
      const { wanted, context } = world.hung(server.port);
      const controller = new AbortController();
      const parameters = step.with.parse(wanted);

      const looking = failureOf(step.check(parameters, contextOf({ ...context, signal: controller.signal })));
      await server.connected;
      const began = performance.now();
      controller.abort(new DOMException('stopped', 'AbortError'));
      const failure = tell(await looking);
      const took = performance.now() - began;
      const late = tell(
        await failureOf(step.check(parameters, contextOf({ ...context, signal: AbortSignal.timeout(50) }))),
      );
      await server.close();

      expect(failure.code).toBe('aborted');
      expect(late.code).toBe('timed-out');
      expect(took).toBeLessThan(10_000);
    });

    test('no secret is in any evidence or error', () => {
      const secrets = [
        ...valuesIn(world.wanted),
        ...Object.values(world.context?.hosts ?? {}).flatMap(valuesIn),
      ];

      const leaked = secrets.filter((value) => told.some((text) => text.includes(value)));

      expect(told.length).toBeGreaterThan(0);
      expect(leaked).toEqual([]);
    });
  });
}

/** Every secret's value, and the password within it where it is an address. */
function valuesIn(value: unknown): readonly string[] {
  if (value instanceof Secret) {
    const text = value.reveal();
    const password = URL.canParse(text) ? new URL(text).password : '';
    const values = [text, password, decodeURIComponent(password)].filter((one) => one !== '');
    // Quotes and line breaks look different where a value is printed inside JSON.
    return values.flatMap((one) => [one, JSON.stringify(one).slice(1, -1)]);
  }
  if (typeof value !== 'object' || value === null) return [];
  return Object.values(value).flatMap(valuesIn);
}

async function hungServer() {
  const sockets = new Set<Socket>();
  const server = createServer(
    (socket) => void sockets.add(socket.on('error', () => {}).on('data', () => {})),
  );
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  return {
    port: typeof address === 'object' ? (address?.port ?? 0) : 0,
    connected: once(server, 'connection'),
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((settle) => server.close(settle));
    },
  };
}
