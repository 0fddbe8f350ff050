import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { type DebianHost, startHost } from '../../../rehearsal/host/host.ts';
import { Secret } from '../../../src/secret.ts';
import { codePython } from '../../../src/steps/code/python.ts';
import { describeWith } from '../../support/parts.ts';
import { checking, contextOf, contract, failureOf } from '../contract.ts';

/** Makes wheels of a few packages: `needs-small` needs another one, and `large` has many files and a program. */
const wheels = `
import base64, hashlib, zipfile
def wheel(name, version, files, needs=(), programs=""):
    info = f"{name.replace('-', '_')}-{version}.dist-info"
    metadata = f"Metadata-Version: 2.1\\nName: {name}\\nVersion: {version}\\n" + "".join(f"Requires-Dist: {n}\\n" for n in needs)
    files = {**files, f"{info}/entry_points.txt": programs, f"{info}/METADATA": metadata, f"{info}/WHEEL": "Wheel-Version: 1.0\\nGenerator: x\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n"}
    def line(path, text):
        sum = base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b"=").decode()
        return f"{path},sha256={sum},{len(text)}\\n"
    record = "".join(line(p, t) for p, t in files.items()) + f"{info}/RECORD,,\\n"
    with zipfile.ZipFile(f"/srv/wheels/{name.replace('-', '_')}-{version}-py3-none-any.whl", "w") as out:
        for path, text in {**files, f"{info}/RECORD": record}.items():
            out.writestr(path, text)
wheel("small", "1.0", {"small.py": "version = 1\\n"})
wheel("small", "2.0", {"small.py": "version = 2\\n"})
wheel("needs-small", "1.0", {"needs_small.py": "import small\\n"}, ["small>=1"])
wheel("large", "1.0", {f"large/m{n}.py": "x = 1\\n" for n in range(300)}, programs="[console_scripts]\\nlarge = large.m1:x\\n")
`;

/** Lets Python write a file and wait when it is about to do what the condition says (PEP 578). */
const waitingWhen = (condition: string) =>
  `import sys; sys.addaudithook(lambda event, about: ${condition} and (open("/tmp/waits", "w"), __import__("time").sleep(600)))`;
/** pip does this before it makes programs and writes the list of files. */
const compiles = waitingWhen('event == "compile" and "large/m5.py" in str(about[1])');
/** Python does this before there is a pip in an environment. */
const getsPip = waitingWhen('event == "ensurepip.bootstrap"');

const preparing = `set -e
export DEBIAN_FRONTEND=noninteractive
apt-get install -qq python3-venv >/dev/null
useradd --system --create-home softfactory
mkdir /srv/wheels
cat >/tmp/wheels.py <<'SCRIPT'
${wheels}
SCRIPT
python3 /tmp/wheels.py`;

describeWith('debian-host', 'code/python', () => {
  let dir: string;
  let debian: DebianHost;
  let context: { hosts: Record<string, DebianHost['host']> };
  let first: Awaited<ReturnType<typeof applied>>;
  const lines: string[] = [];
  const wanted = { host: 'app', directory: '/opt/app', as: 'softfactory', find: '/srv/wheels' };

  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'slipway-python-'));
    debian = await startHost({ dir });
    context = { hosts: { app: debian.host } };
    await debian.shell(preparing);
    await requirements('needs-small==1.0\nsmall==1.0  # as tested\n');
    first = await applied({}, { log: (text) => void lines.push(text) });
    await debian.shell('cp -a /opt/app /srv/ready');
  }, 600_000);

  afterAll(async () => {
    await debian?.stop();
    await rm(dir, { recursive: true, force: true });
  });

  /** A finished environment is put back for each test, since making one takes seconds. */
  beforeEach(() => debian.shell('rm -rf /opt/app; cp -a /srv/ready /opt/app').then(() => undefined));

  contract(codePython, { first: 'unsatisfied', last: 'satisfied', undoes: true }, async () => {
    await debian.shell(
      `install -d -o softfactory /srv/contract; echo 'small==1.0' >/srv/contract/requirements.txt`,
    );
    const parameters = { ...wanted, directory: '/srv/contract' };
    return {
      wanted: {
        ...parameters,
        index: new Secret('INDEX', 'https://deploy:hunter22@packages.softfactory.example/simple'),
      },
      hung: (port) => ({
        wanted: parameters,
        context: { hosts: { app: { ...debian.host, address: '127.0.0.1', port } } },
      }),
      context,
      snapshot: () =>
        debian.shell(
          'cd /srv/contract && find . -not -name "*.lock" | sort; cat venv/pyvenv.cfg 2>/dev/null || true',
        ),
      close: async () => {},
    };
  });

  /** Kills Python when it has come to where the hook lets it wait, and takes the hook away. */
  const killWaiting = (hook: string) =>
    debian.shell(
      `until [ -e /tmp/waits ]; do sleep 0.05; done; rm /tmp/waits ${hook}; pkill -KILL -u softfactory python`,
    );

  test('what is installed can be used, belongs to the account, and its output was streamed', async () => {
    const found = await checking(codePython, wanted, context);

    expect(found).toMatchObject({
      is: 'satisfied',
      evidence: [
        {
          answered: expect.stringMatching(
            /^Python 3\.11\.\d+, pip [\d.]+, \d packages, all whole; the requirements are met$/,
          ),
        },
      ],
    });
    expect(
      await debian.shell(
        '/opt/app/venv/bin/python -c "import needs_small, small; print(small.version)"; stat -c %U /opt/app/venv',
      ),
    ).toBe('1\nsoftfactory\n');
    expect(lines.join('')).toContain('Successfully installed');
  }, 300_000);

  test('a version that differs, a package that is missing and a file that is gone are named and repaired', async () => {
    await requirements('needs-small==1.0\nsmall==2.0\nlarge\n');
    await debian.shell('rm /opt/app/venv/lib/python3.11/site-packages/needs_small.py');

    const drift = await checking(codePython, wanted, context);
    await applied();
    const repaired = await checking(codePython, wanted, context);

    expect(drift).toMatchObject({
      because: expect.stringMatching(
        /^\/opt\/app\/venv on deploy@.* has packages that are not whole: needs_small-1\.0, differs from requirements\.txt: small is 1\.0, wanted is ==2\.0; large is missing\.$/,
      ),
    });
    expect(repaired.is).toBe('satisfied');
    expect(
      await debian.shell('/opt/app/venv/bin/python -c "import needs_small, small; print(small.version)"'),
    ).toBe('2\n');
  }, 300_000);

  test('a package that another one needs is missed too', async () => {
    await requirements('needs-small==1.0\n');
    await debian.shell('/opt/app/venv/bin/python -m pip uninstall -q -y small 2>/dev/null');

    expect(await checking(codePython, wanted, context)).toMatchObject({
      because: expect.stringContaining('lacks something that requirements.txt or one of its packages needs'),
    });
  }, 300_000);

  test('a package that was cut off before its list of files was written is installed anew', async () => {
    await debian.shell(
      'cd /opt/app/venv/lib/python3.11/site-packages; rm needs_small-1.0.dist-info/RECORD needs_small.py',
    );

    const cut = await checking(codePython, wanted, context);
    await applied();

    expect(cut).toMatchObject({
      because: expect.stringMatching(/has packages that are not whole: needs_small-1\.0\.$/),
    });
    expect((await checking(codePython, wanted, context)).is).toBe('satisfied');
    expect(await debian.shell('/opt/app/venv/bin/python -c "import needs_small; print(1)"')).toBe('1\n');
  }, 300_000);

  test('an installation that was killed in the middle is found and completed', async () => {
    await requirements('large\nsmall==1.0\n');

    const hook = '/opt/app/venv/lib/python3.11/site-packages/waiting.pth';
    await debian.shell(`cat >${hook} <<'PYTHON'\n${compiles}\nPYTHON`);

    const installing = failureOf(applied());
    await killWaiting(hook);
    const failure = await installing;
    const cut = await checking(codePython, wanted, context);
    await applied();

    expect(failure.code).toBe('command-failed');
    expect(cut.is).toBe('unsatisfied');
    expect((await checking(codePython, wanted, context)).is).toBe('satisfied');
    expect(
      await debian.shell(
        'ls /opt/app/venv/bin/large /opt/app/venv/lib/python3.11/site-packages/large/*.py | wc -l',
      ),
    ).toBe('301\n');
  }, 300_000);

  test('an environment that was killed while it was made is made anew', async () => {
    const hook = '/etc/python3.11/sitecustomize.py';
    await debian.shell(
      `rm -r /opt/app/venv; cp ${hook} /tmp/before; cat >${hook} <<'PYTHON'\n${getsPip}\nPYTHON`,
    );

    const making = failureOf(applied());
    await killWaiting(hook);
    await debian.shell(`mv /tmp/before ${hook}`);
    await making;
    const broken = await checking(codePython, wanted, context);
    await applied();

    expect(broken).toMatchObject({
      because: expect.stringContaining('is no Python environment in which pip works'),
    });
    expect((await checking(codePython, wanted, context)).is).toBe('satisfied');
  }, 300_000);

  test('whether it sees the packages of the machine is changed without making it anew', async () => {
    const drift = await checking(codePython, { ...wanted, systemSite: true }, context);
    await applied({ systemSite: true });

    expect(drift).toMatchObject({
      because: expect.stringContaining("does not see the machine's own packages, wanted is the opposite"),
    });
    expect((await checking(codePython, { ...wanted, systemSite: true }, context)).is).toBe('satisfied');
  }, 300_000);

  test('an undo takes back an environment that this run made, and no other', async () => {
    await requirements('small==2.0\n');
    const second = await applied();

    const failure = await failureOf(undone(second?.remember));
    await undone(first?.remember);

    expect(failure.code).toBe('not-undone');
    expect(await debian.shell('ls /opt/app')).toBe('requirements.txt\n');
  }, 300_000);

  test('what cannot be is told', async () => {
    await debian.shell(
      'rm -r /opt/app/venv; mkdir /opt/app/files; echo x >/opt/app/files/x; chown -R softfactory /opt/app; mkdir /opt/app/other',
    );
    await requirements('nothing-like-this==1\n');

    const told = {
      package: await failureOf(applied()),
      files: await failureOf(applied({ venv: '/opt/app/files' })),
      owner: await failureOf(applied({ venv: '/opt/app/other' })),
      requirements: await failureOf(applied({ requirements: 'none.txt' })),
      directory: await failureOf(applied({ directory: '/opt/none' })),
      python: await failureOf(applied({ python: 'python9' })),
    };

    expect(Object.values(told).map(({ code }) => code)).toEqual([
      'command-failed',
      'command-failed',
      'permission-denied',
      'not-found',
      'not-found',
      'not-found',
    ]);
    expect(told.package.message).toContain('nothing-like-this');
    expect(await debian.shell('cat /opt/app/files/x')).toBe('x\n');
    expect(await checking(codePython, { ...wanted, as: 'nobody-here' }, context)).toMatchObject({
      is: 'unsatisfied',
    });
  }, 300_000);

  async function requirements(text: string): Promise<void> {
    await debian.shell(
      `install -d -o softfactory /opt/app; printf '%s' '${text}' >/opt/app/requirements.txt`,
    );
  }

  async function applied(other: Record<string, unknown> = {}, around: Parameters<typeof contextOf>[0] = {}) {
    return codePython.apply?.(
      codePython.with.parse({ ...wanted, ...other }),
      contextOf({ ...context, signal: AbortSignal.timeout(250_000), ...around }),
    );
  }

  async function undone(remember: unknown) {
    return codePython.undo?.(
      codePython.with.parse(wanted),
      contextOf(context),
      JSON.parse(JSON.stringify(remember)),
    );
  }
});
