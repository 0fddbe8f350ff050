// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the dollar notation is the plan's own.
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { Secret } from '../src/secret.ts';
import { parametersOf } from '../src/step-parameters.ts';
import { Text } from '../src/steps/step.ts';

const Server = z.strictObject({
  url: Text,
  port: z.int().optional(),
  tls: z.boolean().optional(),
  version: z.string().optional(),
  codes: z.array(z.number()).optional(),
});

describe('parameters of a step', () => {
  test('are numbers and booleans where the schema wants them and text where it wants text', () => {
    const written = {
      url: '${URL}',
      port: '${PORT}',
      tls: '${TLS}',
      version: '${VERSION}',
      codes: [200, '${CODE}'],
    };
    const values = { URL: 'http://a', PORT: '8080', TLS: 'true', VERSION: '1.10', CODE: '204' };

    const parameters = parametersOf(Server, written, values);

    expect(parameters).toEqual({
      value: { url: 'http://a', port: 8080, tls: true, version: '1.10', codes: [200, 204] },
    });
  });

  test('keep a secret a secret', () => {
    const parameters = parametersOf(Server, { url: 'http://u:${PW}@a' }, { PW: new Secret('PW', 'x') });

    expect('value' in parameters && parameters.value.url).toBeInstanceOf(Secret);
  });

  test('say so when a secret stands where secrets are not kept', () => {
    const parameters = parametersOf(Server, { url: 'a', version: '${PW}' }, { PW: new Secret('PW', 'x') });

    expect('faults' in parameters && parameters.faults[0]?.message).toMatch(/takes text, not a secret.*PW$/);
  });

  test('do not take a number out of a longer text', () => {
    const parameters = parametersOf(Server, { url: 'a', port: '${A}${B}' }, { A: '80', B: '80' });

    expect('faults' in parameters && parameters.faults).toEqual([
      { path: ['port'], on: 'value', message: 'found "8080", expected a number' },
    ]);
  });
});
