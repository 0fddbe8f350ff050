/** Numbers from 0 to below 1, the same for the same seed (mulberry32, public domain). */
export function chance(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** The seed of this test run: SLIPWAY_CRASH_SEED to repeat one, else a new one. */
export function freshSeed(): number {
  return Number(process.env.SLIPWAY_CRASH_SEED ?? Math.floor(Math.random() * 2 ** 31));
}

/** How many runs a crash test plays: SLIPWAY_CRASH_RUNS, or 50. */
export function crashRuns(): number {
  return Number(process.env.SLIPWAY_CRASH_RUNS ?? 50);
}
