// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the dollar notation is the plan's own.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fill, namesIn } from '../../src/deploy/interpolate.ts';
import { Failure } from '../../src/errors.ts';
import { Secret } from '../../src/secret.ts';

const values = { HOST: 'db.example', PORT: '5432', PASSWORD: new Secret('PASSWORD', 's3cr$&t') };

describe('filling in', () => {
  test('puts variables into every string of a value', () => {
    const filled = fill({ url: 'tcp://${HOST}:${PORT}', list: ['${HOST}', 7, null], on: true }, values);

    expect(filled).toEqual({ url: 'tcp://db.example:5432', list: ['db.example', 7, null], on: true });
  });

  test('gives keys in one order, since a stored plan does not keep the one in which they were written', () => {
    const filled = fill({ with: { b: 1, a: { d: 2, c: 3 } }, also: [{ y: 1, x: 2 }] }, values);

    expect(JSON.stringify(filled)).toBe('{"also":[{"x":2,"y":1}],"with":{"a":{"c":3,"d":2},"b":1}}');
  });

  test('makes a secret of a string that holds one, named after it', () => {
    const filled = fill('postgres://app:${PASSWORD}@${HOST}', values);

    expect(filled).toBeInstanceOf(Secret);
    expect(filled instanceof Secret && filled.reveal()).toBe('postgres://app:s3cr$&t@db.example');
    expect(JSON.stringify({ filled })).toBe('{"filled":"[secret PASSWORD]"}');
  });

  test('leaves an escaped placeholder for whoever it is meant for', () => {
    const filled = fill('echo $${HOME} $${HOST} ${HOST} $5 ${', values);

    expect(filled).toBe('echo ${HOME} ${HOST} db.example $5 ${');
  });

  test('does not fill in what a value itself holds', () => {
    const filled = fill('${A}', { A: '${B}', B: 'no' });

    expect(filled).toBe('${B}');
  });

  test.each(['${NOBODY}', '${toString}', '${}'])('refuses %s, which has no value', (text) => {
    const act = () => fill(text, values);

    expect(act).toThrow(expect.objectContaining({ code: 'plan-invalid' }));
    expect(act).toThrow(Failure);
  });

  test('refuses a secret that is empty', () => {
    const act = () => fill('${EMPTY}', { EMPTY: new Secret('EMPTY', '') });

    expect(act).toThrow(expect.objectContaining({ code: 'secret-missing' }));
  });

  test('names what a value takes, each once, escaped ones not', () => {
    const names = namesIn({ a: '${PORT} ${HOST}', b: ['${HOST}', '$${HOME}', 3] });

    expect(names).toEqual(['HOST', 'PORT']);
  });

  test('changes nothing that names nothing', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        fc.pre(namesIn(value).length === 0 && !JSON.stringify(value).includes('${'));

        expect(fill(value, values)).toEqual(value);
      }),
    );
  });
});
