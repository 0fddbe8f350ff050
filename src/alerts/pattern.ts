import { isWord, type Test } from './pattern-characters.ts';
import { type Pattern, type Place, parsePattern } from './pattern-syntax.ts';

/** A regular expression that is ready for use, or what is wrong with it. */
export type Compiled =
  | { readonly ok: true; readonly test: (value: string) => boolean }
  | { readonly ok: false; readonly because: string };

/** One instruction: take a character, hold only at a place, or go on at one or two others. The last one is the end. */
type Instruction =
  | { readonly test: Test }
  | { readonly place: Place }
  | { readonly to: number; readonly or?: number };

/** Each may have to be looked at for each character of a value. */
const mostInstructions = 2_500;
const mostKnown = 1_000;
const known = new Map<string, Compiled>();

/**
 * A regular expression of RE2's syntax that must match a whole value, made ready once. Like RE2 it walks along the value with
 * every state at once, so its time grows with the length of the value and never explodes, whatever the pattern and the value.
 */
export function compile(pattern: string): Compiled {
  const before = known.get(pattern);
  if (before !== undefined) return before;
  const compiled = compiledAnew(pattern);
  if (known.size >= mostKnown) known.clear();
  known.set(pattern, compiled);
  return compiled;
}

function compiledAnew(pattern: string): Compiled {
  try {
    const program: Instruction[] = [];
    emit(parsePattern(pattern), program);
    return { ok: true, test: (value) => run(program, value) };
  } catch (error) {
    if (error instanceof SyntaxError) return { ok: false, because: error.message };
    throw error;
  }
}

function emit(pattern: Pattern, program: Instruction[]): void {
  if (program.length > mostInstructions) throw new SyntaxError('it is too large');
  switch (pattern.is) {
    case 'character':
      program.push({ test: pattern.test });
      return;
    case 'place':
      program.push({ place: pattern.place });
      return;
    case 'sequence':
      for (const part of pattern.parts) emit(part, program);
      return;
    case 'choice':
      emitChoice(pattern.parts, program);
      return;
    case 'repeat':
      emitRepeat(pattern, program);
  }
}

function emitChoice(parts: readonly Pattern[], program: Instruction[]): void {
  const ends: number[] = [];
  for (const [index, part] of parts.entries()) {
    const start = program.length;
    if (index < parts.length - 1) program.push({ to: start + 1 });
    emit(part, program);
    if (index === parts.length - 1) break;
    ends.push(program.length);
    program.push({ to: 0 });
    program[start] = { to: start + 1, or: program.length };
  }
  for (const end of ends) program[end] = { to: program.length };
}

function emitRepeat({ part, least, most }: Extract<Pattern, { is: 'repeat' }>, program: Instruction[]): void {
  for (let count = 0; count < least; count += 1) {
    const start = program.length;
    emit(part, program);
    // Nothing again and again is nothing, and would take long within other repetitions.
    if (program.length === start) return;
  }
  if (most === Number.POSITIVE_INFINITY) {
    const start = program.length;
    program.push({ to: start + 1 });
    emit(part, program);
    program.push({ to: start });
    program[start] = { to: start + 1, or: program.length };
    return;
  }
  const skips: number[] = [];
  for (let count = least; count < most; count += 1) {
    skips.push(program.length);
    program.push({ to: program.length + 1 });
    emit(part, program);
  }
  for (const skip of skips) program[skip] = { to: skip + 1, or: program.length };
}

function run(program: readonly Instruction[], value: string): boolean {
  const points = Array.from(value, (one) => one.codePointAt(0) ?? 0);
  // For each state the last place, counted from 1, at which it was reached.
  const reached = new Uint32Array(program.length + 1);
  const from = (states: number[], at: number) => reach(program, states, reached, points, at);
  let states = from([0], 0);
  for (const [at, point] of points.entries()) {
    const after: number[] = [];
    for (const state of states) {
      const instruction = program[state];
      if (instruction !== undefined && 'test' in instruction && instruction.test(point))
        after.push(state + 1);
    }
    if (after.length === 0) return false;
    states = from(after, at + 1);
  }
  return states.includes(program.length);
}

/** All states that are reached from some (which are used up) without taking a character: those that would take one, and the end. */
function reach(
  program: readonly Instruction[],
  open: number[],
  reached: Uint32Array,
  points: readonly number[],
  at: number,
): readonly number[] {
  const found: number[] = [];
  for (let state = open.pop(); state !== undefined; state = open.pop()) {
    if (reached[state] === at + 1) continue;
    reached[state] = at + 1;
    const instruction = program[state];
    if (instruction === undefined || 'test' in instruction) found.push(state);
    else if ('to' in instruction) {
      open.push(instruction.to);
      if (instruction.or !== undefined) open.push(instruction.or);
    } else if (isThere(instruction.place, points, at)) open.push(state + 1);
  }
  return found;
}

function isThere(place: Place, points: readonly number[], at: number): boolean {
  const [before, after] = [points[at - 1], points[at]];
  const isEdge = (before !== undefined && isWord(before)) !== (after !== undefined && isWord(after));
  switch (place) {
    case 'start':
      return before === undefined;
    case 'end':
      return after === undefined;
    case 'line-start':
      return before === undefined || before === 10;
    case 'line-end':
      return after === undefined || after === 10;
    case 'word-edge':
      return isEdge;
    case 'no-word-edge':
      return !isEdge;
  }
}
