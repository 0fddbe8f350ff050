import fc from 'fast-check';
import { expect, test } from 'vitest';
import { chain, firstBreak, type Link } from '../../src/store/chain.ts';

const events = fc.array(
  fc.record({
    type: fc.constantFrom('Born', 'Grown', 'Ended'),
    at: fc.integer({ min: 0, max: 2 ** 45 }),
    data: fc.jsonValue(),
    evidence: fc.stringMatching(/^[0-9a-f]{64}$/),
  }),
  { minLength: 1, maxLength: 6 },
);

const start = { version: 0, hash: '' };

test('a history follows from what is before it, in one append or in many', () => {
  fc.assert(
    fc.property(events, fc.nat(), (all, cut) => {
      const at = cut % all.length;
      const first = chain('run', start, all.slice(0, at));
      const middle = { version: first.length, hash: first.at(-1)?.hash ?? '' };
      const links = [...first, ...chain('run', middle, all.slice(at))];

      expect(links).toEqual(chain('run', start, all));
      expect(firstBreak('run', links)).toBeUndefined();
    }),
  );
});

/** Every way of changing one link a little. */
const changes: Readonly<Record<string, (link: Link) => Link>> = {
  type: (link) => ({ ...link, type: flipped(link.type) }),
  at: (link) => ({ ...link, at: link.at + 1 }),
  data: (link) => ({ ...link, data: { ...link.data, data: [link.data.data] } }),
  evidence: (link) => ({ ...link, data: { ...link.data, evidence: flipped(String(link.data.evidence)) } }),
  'an added member': (link) => ({ ...link, data: { ...link.data, more: null } }),
  version: (link) => ({ ...link, version: link.version + 1 }),
  hash: (link) => ({ ...link, hash: flipped(link.hash) }),
};

test.each(Object.keys(changes))('one change of %s is found, at the place where it is', (what) => {
  fc.assert(
    fc.property(events, fc.nat(), (all, pick) => {
      const links = chain('run', start, all);
      const at = pick % links.length;
      const tampered = links.map((link, index) => (index === at ? (changes[what]?.(link) ?? link) : link));

      expect(firstBreak('run', tampered)).toBe(at + 1);
    }),
  );
});

test('an event that is moved or taken out is found, and so is a history under another name', () => {
  fc.assert(
    fc.property(events, fc.nat(), (all, pick) => {
      const links = chain('run', start, [...all, ...all]);
      const at = pick % (links.length - 1);
      const without = links.filter((_, index) => index !== at);
      const moved = links.with(at, links[at + 1] as Link).with(at + 1, links[at] as Link);

      expect(firstBreak('run', without)).toBe(at + 1);
      expect(firstBreak('run', moved)).toBe(at + 1);
      expect(firstBreak('another', links)).toBe(1);
    }),
  );
});

function flipped(text: string): string {
  return `${text.startsWith('0') ? '1' : '0'}${text.slice(1)}`;
}
