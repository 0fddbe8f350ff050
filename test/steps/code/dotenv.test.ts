import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type DebianHost, startHost } from '../../../rehearsal/host/host.ts';
import { Secret } from '../../../src/secret.ts';
import { codeDotenv } from '../../../src/steps/code/dotenv.ts';
import { dotenvText, dotenvValues, unwritable } from '../../../src/steps/code/dotenv-text.ts';
import { describeWith } from '../../support/parts.ts';
import { checking, contextOf, contract, failureOf } from '../contract.ts';
import { productionValues } from './production-values.ts';

const nasty: Readonly<Record<string, string>> = {
  ...productionValues,
  QUOTES: `it's "quoted" \`twice\``,
  DOLLARS: '$HOME $$ $(id) $1',
  HASHES: '#not a comment # nor this',
  BACKSLASHES: 'C:\\new\\table \\" \\\\ \\$ \\\' end',
  SPACES: '  kept on both sides\t ',
  LINES: 'one\n two\n#three\n\nLOOKS=like a key\n',
  UNICODE: 'grüße 배포 🚀',
  EQUALS: '=a=b==',
  NOTHING: '',
};

const odd = fc.string({
  unit: fc.constantFrom('a', 'n', ' ', '"', "'", '\\', '$', '`', '#', '=', '\n', '{', 'é'),
  maxLength: 12,
});

describe('the text of an environment file', () => {
  test('is read back as it was written', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.stringMatching(/^[A-Z]{1,4}$/), odd), (written) => {
        const values = Object.fromEntries(
          Object.entries(written).filter(([, value]) => unwritable(value) === undefined),
        );

        expect(dotenvValues(dotenvText(values))).toEqual(values);
      }),
    );
  });

  test('of somebody else is read as systemd reads it', () => {
    const text = `# comment\n; another\nA=bare value \\\n  and more  \n\n  B = 'single \\n $x' \nC="double \\" \\n \\\\"\nexport D=1\nE=\nnonsense\nF=x y#z\n`;

    const values = dotenvValues(text);

    expect(values).toEqual({
      A: 'bare value   and more',
      B: 'single \\n $x',
      C: 'double " \\n \\',
      E: '',
      F: 'x y#z',
    });
  });

  test.each([`a \${HOME} b`, 'ends with \\', 'bell \u0007', 'return\r\n', '\ud800'])(
    'of %j cannot be written',
    (value) => {
      expect(unwritable(value)).toBeDefined();
    },
  );
});

describeWith('debian-host', 'code/dotenv', () => {
  let dir: string;
  let debian: DebianHost;
  let context: { hosts: Record<string, DebianHost['host']> };
  const secrets = /SECRET|PASSWORD|KEY|_URL|_URI|DSN/;
  const values = Object.fromEntries(
    Object.entries(productionValues).map(([key, value]) => [
      key,
      secrets.test(key) ? new Secret(key, value) : value,
    ]),
  );
  const wanted = { host: 'app', path: '/opt/app/.env', owner: 'softfactory', group: 'softfactory', values };

  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'slipway-dotenv-'));
    debian = await startHost({ dir });
    context = { hosts: { app: debian.host } };
    await debian.shell(
      'useradd --system --create-home softfactory; install -d -o softfactory -g softfactory /opt/app',
    );
  }, 600_000);

  afterAll(async () => {
    await debian?.stop();
    await rm(dir, { recursive: true, force: true });
  });

  beforeEach(() => debian.shell('rm -f /opt/app/.env').then(() => undefined));

  contract(codeDotenv, { first: 'unsatisfied', last: 'satisfied', undoes: true }, async () => ({
    wanted: { ...wanted, path: '/opt/app/contract.env' },
    hung: (port) => ({ wanted, context: { hosts: { app: { ...debian.host, address: '127.0.0.1', port } } } }),
    context,
    snapshot: () =>
      debian.shell(
        'cd /opt/app && stat -c "%n %U %G %a" contract.env .[a-z]* 2>/dev/null; cat contract.env 2>/dev/null || true',
      ),
    close: async () => {},
  }));

  test('the file belongs to its account and is closed to others', async () => {
    await applied();

    const about = await debian.shell(
      'stat -c "%U %G %a" /opt/app/.env; runuser -u deploy -- cat /opt/app/.env 2>&1 || echo refused',
    );

    expect(about).toMatch(/^softfactory softfactory 600\n/);
    expect(about).toContain('refused');
  });

  test('systemd and python-dotenv read the values that were meant', async () => {
    const writable = Object.fromEntries(
      Object.entries(nasty).filter(([, value]) => unwritable(value) === undefined),
    );
    const rules = {
      NOTHING: { is: 'equal', to: '' },
      ...Object.fromEntries(
        ['QUOTES', 'DOLLARS', 'HASHES', 'BACKSLASHES', 'SPACES', 'LINES', 'UNICODE', 'EQUALS'].map((key) => [
          key,
          { is: 'text' },
        ]),
      ),
    };
    await applied({ values: writable, rules });

    const bySystemd = await debian.shell(
      'systemd-run --quiet --wait --pipe --property=EnvironmentFile=/opt/app/.env /usr/bin/env --null',
    );
    const copy = join(dir, 'copy.env');
    await writeFile(copy, await debian.shell('cat /opt/app/.env'));
    const byPython = await withDotenv(copy);

    expect(Object.keys(writable)).toHaveLength(71);
    expect(entries(bySystemd)).toMatchObject(writable);
    if (byPython !== undefined) expect(byPython).toEqual(writable);
  });

  test('keys that differ are named, with lengths and without values', async () => {
    await applied();
    await debian.shell(
      `sed -i -e '/^PORT=/d' -e 's/^SECRET_KEY=.*/SECRET_KEY="hunter2"/' /opt/app/.env; echo 'FLASK_DEBUG=1' >>/opt/app/.env; chmod 644 /opt/app/.env`,
    );

    const found = await checking(codeDotenv, wanted, context);

    expect(found).toMatchObject({
      is: 'unsatisfied',
      because: expect.stringMatching(
        /^\/opt\/app\/\.env on deploy@.* lacks PORT, has FLASK_DEBUG, which is not wanted, has another value than wanted for SECRET_KEY, has mode 0644, wanted is 0600\.$/,
      ),
    });
    expect(JSON.stringify(found)).toContain('SECRET_KEY 7');
    expect(JSON.stringify(found)).not.toContain('hunter2');
  });

  test('drift is repaired, and undo puts back what was there', async () => {
    await debian.shell(
      `printf 'OLD=1\\n' >/opt/app/.env; chown softfactory:softfactory /opt/app/.env; chmod 640 /opt/app/.env`,
    );

    const { remember } = (await applied()) ?? {};
    const repaired = await checking(codeDotenv, wanted, context);
    await codeDotenv.undo?.(
      codeDotenv.with.parse(wanted),
      contextOf(context),
      JSON.parse(JSON.stringify(remember)),
    );

    expect(repaired.is).toBe('satisfied');
    expect(await debian.shell('cat /opt/app/.env; stat -c "%U %a" /opt/app/.env')).toBe(
      'OLD=1\nsoftfactory 640\n',
    );
  });

  test('the same values in another form are told', async () => {
    await applied();
    await debian.shell(`sed -i 's/^PORT=.*/PORT=8000/' /opt/app/.env`);

    expect(await checking(codeDotenv, wanted, context)).toMatchObject({
      because: expect.stringContaining('has the wanted values, but in another form'),
    });
  });

  test('values with faults are refused before the host is asked, all faults at once', async () => {
    const { PORT, ...rest } = values;
    const faulty = {
      ...rest,
      DEBUG: 'True',
      SECRET_KEY: new Secret('SECRET_KEY', 'hunter2'),
      MAIL_USERNAME: `a\${b}`,
    };

    const failure = await failureOf(checking(codeDotenv, { ...wanted, values: faulty }, { hosts: {} }));
    const applying = await failureOf(applied({ values: faulty }));

    expect(PORT).toBe('8000');
    expect(failure.code).toBe('config-invalid');
    expect(failure.message).toContain(
      'have 4 faults: PORT is missing; DEBUG must be False; SECRET_KEY must have at least 32 characters, it has 7; MAIL_USERNAME holds ${, which python-dotenv would replace.',
    );
    expect(failure.message).not.toContain('hunter2');
    expect(applying.message).toBe(failure.message);
    expect(await debian.shell('ls -A /opt/app')).not.toContain('.env\n.env');
  });

  test('a folder that is not there is told', async () => {
    const failure = await failureOf(applied({ path: '/opt/nowhere/.env' }));

    expect(failure.code).toBe('not-found');
  });

  test('an undo leaves what somebody has changed since', async () => {
    const { remember } = (await applied()) ?? {};
    await debian.shell('echo "MINE=1" >>/opt/app/.env');

    const failure = await failureOf(
      Promise.resolve(codeDotenv.undo?.(codeDotenv.with.parse(wanted), contextOf(context), remember)),
    );

    expect(failure.code).toBe('not-undone');
    expect(await debian.shell('tail -n 1 /opt/app/.env')).toBe('MINE=1\n');
  });

  async function applied(other: Record<string, unknown> = {}) {
    return codeDotenv.apply?.(codeDotenv.with.parse({ ...wanted, ...other }), contextOf(context));
  }
});

function entries(nullSeparated: string): Record<string, string> {
  return Object.fromEntries(
    nullSeparated
      .split('\0')
      .map((pair) => [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)]),
  );
}

/** What python-dotenv reads, where it is installed. */
async function withDotenv(path: string): Promise<unknown> {
  const script = 'import json, sys, dotenv; print(json.dumps(dotenv.dotenv_values(sys.argv[1])))';
  const { stdout } = await promisify(execFile)('python3', ['-c', script, path]).catch(() => ({
    stdout: 'null',
  }));
  return JSON.parse(stdout) ?? undefined;
}
