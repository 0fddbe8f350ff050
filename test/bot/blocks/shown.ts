import { surfacesOf } from '../../../src/bot/blocks/surfaces.ts';
import { buttonsOf, textOf } from './text-of.ts';

export type Run = Parameters<typeof surfacesOf>[0];
type About = Parameters<typeof surfacesOf>[1];

/** A message of a run by its key, with what a person reads in it; throws when there is none. */
export function shown(key: string, run: Run, about: About) {
  const surface = surfacesOf(run, about).find((one) => one.key === key);
  if (surface === undefined) throw new Error(`there is no ${key}`);
  return { ...surface, read: textOf(surface.blocks), buttons: buttonsOf(surface.blocks) };
}

/** The keys of all messages of a run. */
export const keys = (run: Run, about: About) => surfacesOf(run, about).map(({ key }) => key);
