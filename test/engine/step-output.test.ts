import { setTimeout as delay } from 'node:timers/promises';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { sha256 } from '../../src/canonical.ts';
import { redacting } from '../../src/engine/redact.ts';
import { collectOutput } from '../../src/engine/step-output.ts';
import { Secret } from '../../src/secret.ts';

const key = { phase: 'main', step: 'build', fence: 1, try: 1 };
const password = 'correct horse battery';
const pem = '-----BEGIN KEY-----\nb3BlbnNzaC1rZXktdjE\nAAAAABG5vbmUAAAAEbm9\n-----END KEY-----\n';
const secrets = { PASSWORD: new Secret('PASSWORD', password), PEM: new Secret('PEM', pem) };

/** A collector on top of a list of pieces, which refuses to be written to so many times first. */
function collecting(refusals = 0) {
  const pieces: string[] = [];
  const warnings: unknown[] = [];
  let left = refusals;
  const output = collectOutput({
    key,
    redact: redacting(secrets),
    write: async (seq, text) => {
      left -= 1;
      if (left >= 0) throw new Error('the database is away');
      pieces[seq - 1] = text;
    },
    log: { warn: (about: unknown) => void warnings.push(about) },
  });
  return { ...output, pieces, warnings, whole: () => pieces.join('') };
}

describe('the output of a step', () => {
  test('is written while it runs, in whole lines, and proven by a hash of all of it', async () => {
    const { log, end, pieces, whole } = collecting();

    log('one\ntw');
    log('o\nthree');
    await delay(700);
    const meanwhile = whole();
    log(' and more');
    const proof = await end();

    expect(meanwhile).toBe('one\ntwo\n');
    expect(whole()).toBe('one\ntwo\nthree and more\n');
    expect(proof).toEqual({ ...key, pieces: pieces.length, hash: sha256(whole()) });
  });

  test('is nothing when nothing was said', async () => {
    const { end, pieces } = collecting();

    expect(await end()).toBeUndefined();
    expect(pieces).toEqual([]);
  });

  test('has no secret in it, however it comes in pieces', async () => {
    const said = fc.array(
      fc.oneof(
        fc.constantFrom(password, pem, `Basic ${Buffer.from(`u:${password}`).toString('base64')}`, '\n'),
        fc.string({ maxLength: 8 }),
      ),
      { maxLength: 12 },
    );
    await fc.assert(
      fc.asyncProperty(said, fc.integer({ min: 1, max: 30 }), async (parts, size) => {
        const { log, end, whole } = collecting();
        const text = parts.join('');
        for (let at = 0; at < text.length; at += size) log(text.slice(at, at + size));
        await end();

        expect(whole()).not.toContain(password);
        expect(whole()).not.toContain('Y29ycmVjdCBob3JzZSBiYXR0ZXJ');
        for (const line of pem.split('\n').filter(Boolean)) expect(whole()).not.toContain(line);
      }),
      { numRuns: 200 },
    );
  });

  test('is what a terminal shows in the end, without colours and overwritten progress', async () => {
    const { log, end, whole } = collecting();

    log('\u001b[32mgreen\u001b[0m\r\nPulling 10 %\rPulling 99 %\rPulled\nNUL \u0000 here\n');
    log(`cor\u001b[1mrect horse\u001b[0m battery\n`);
    await end();

    expect(whole()).toBe('green\nPulled\nNUL \ufffd here\n[secret PASSWORD]\n');
  });

  test('keeps beginning and end of very much, says what is left out, and shows the end as it grows', async () => {
    const { log, end, pieces, whole } = collecting();

    log('the beginning\n');
    for (let line = 0; line < 40_000; line += 1) log(`line ${line} of very many\n`);
    await delay(700);
    const meanwhile = whole();
    log('the end\n');
    const proof = await end();

    expect(meanwhile).toMatch(/line 39999 of very many\n$/);
    expect(whole()).toMatch(/^the beginning\n/);
    expect(whole()).toMatch(/\n… \d{6} characters left out …\n/);
    expect(whole()).toMatch(/the end\n$/);
    expect(whole().length).toBeLessThan(260_000);
    expect(proof).toEqual({ ...key, pieces: pieces.length, hash: sha256(whole()) });
  });

  test('cuts a line that has no end, and with it a secret that stands where it is cut', async () => {
    const { log, end, whole } = collecting();

    for (let part = 0; part < 100; part += 1) log('x'.repeat(1_000));
    log(`${password}${password}\nnext\n`);
    log(`${'y'.repeat(31_990)}${password}`);
    log(' and on\nlast\n');
    await end();

    expect(whole().replace(/(.)\1+/g, '$1')).toBe('x … cut here …\nnext\ny … cut here …\nlast\n');
    expect(whole()).not.toContain('correct');
  });

  test('is written when it can be again, and that it could not is logged once', async () => {
    const { log, end, warnings, whole } = collecting(2);

    log('one\n');
    await delay(600);
    log('two\n');
    await delay(1_200);
    const proof = await end();

    expect(whole()).toBe('one\ntwo\n');
    expect(proof).toEqual({ ...key, pieces: 1, hash: sha256('one\ntwo\n') });
    expect(warnings).toHaveLength(1);
  });

  test('that cannot be written fails nothing, and the proof says that it is not whole', async () => {
    const { log, end } = collecting(Number.POSITIVE_INFINITY);

    log('one\n');
    const proof = await end();

    expect(proof).toEqual({ ...key, pieces: 0, hash: sha256(''), incomplete: true });
  });

  test('takes nothing after the end', async () => {
    const { log, end, whole } = collecting();

    log('one\n');
    await end();
    log('two\n');
    await end();

    expect(whole()).toBe('one\n');
  });
});
