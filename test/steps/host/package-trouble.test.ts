import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { type DebianHost, startHost } from '../../../rehearsal/host/host.ts';
import { Failure } from '../../../src/errors.ts';
import { hostPackage } from '../../../src/steps/host/host-package.ts';
import type { StepContext } from '../../../src/steps/step.ts';
import { describeWith } from '../../support/parts.ts';
import { checking, contextOf } from '../contract.ts';
import { type CutLine, startCutLine } from './cut-line.ts';

describeWith('debian-host', 'an installation that is not let finish', () => {
  let dir: string;
  let debian: DebianHost;
  let line: CutLine;
  const wanted = { host: 'app', packages: ['nftables'] };

  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'slipway-trouble-'));
    debian = await startHost({ dir });
    line = await startCutLine(debian.address);
  }, 600_000);

  beforeEach(async () => {
    await debian.shell(
      'rm -rf /var/lib/slipway; apt-get remove -y -qq nftables libnftables1 >/dev/null 2>&1; true',
    );
  });

  afterAll(async () => {
    await line?.stop();
    await debian?.stop();
    await rm(dir, { recursive: true, force: true });
  });

  const hosts = () => ({ app: debian.host });
  const applied = async (context: Partial<StepContext> = {}) =>
    hostPackage.apply?.(hostPackage.with.parse(wanted), contextOf({ hosts: hosts(), ...context }));
  const codeOf = async (work: Promise<unknown>): Promise<string> => {
    try {
      await work;
      return 'done';
    } catch (error) {
      if (error instanceof Failure) return error.code;
      throw error;
    }
  };

  /** Calls back once, when the output has come to this point. */
  const at = (point: RegExp, act: () => void) => {
    let said = '';
    let isOver = false;
    return (text: string) => {
      said += text;
      if (isOver || !point.test(said)) return;
      isOver = true;
      act();
    };
  };

  /** That the next attempt ends well, and that it knows of everything that came since the first began. */
  const expectMended = async () => {
    const did = await applied();
    const check = await checking(hostPackage, wanted, { hosts: hosts() });

    expect(check.is).toBe('satisfied');
    expect(await debian.shell('dpkg --audit')).toBe('');
    expect(did?.remember).toEqual({ installed: expect.arrayContaining(['nftables']), upgraded: [] });
  };

  test.each([
    ['the first word', /./],
    ['unpacking', /Unpacking/],
    ['setting up', /Setting up/],
  ])('when the connection is lost at %s, the next attempt ends it', async (_, point) => {
    line.cutAfter(Number.POSITIVE_INFINITY);

    const code = await codeOf(
      applied({ hosts: { app: line.through(debian.host) }, log: at(point, () => line.cut()) }),
    );

    expect(code).toBe('connection-refused');
    await expectMended();
  });

  test('when the package manager is killed at its work, the next attempt mends it', async () => {
    // dpkg(1): run before each action; here it waits when all is unpacked and nothing is set up.
    const waiting = '/etc/dpkg/dpkg.cfg.d/waiting';
    await debian.shell(
      `echo 'pre-invoke=[ $DPKG_HOOK_ACTION != configure ] || { touch /tmp/waits; sleep 600; }' >${waiting}`,
    );

    const applying = codeOf(applied());
    await debian.shell(
      `until [ -e /tmp/waits ]; do sleep 0.05; done; rm /tmp/waits ${waiting}
pkill -KILL -f 'apt[-]get'; pkill -KILL dpkg; pkill -x sleep; dpkg --audit | grep -q nftables`,
    );
    const code = await applying;

    expect(code).toBe('command-failed');
    await expectMended();
  });

  test('when it is stopped, nothing of it runs on as root, and the next attempt ends it', async () => {
    const controller = new AbortController();
    const stop = () => controller.abort(new DOMException('stopped', 'AbortError'));

    const code = await codeOf(applied({ signal: controller.signal, log: at(/Unpacking/, stop) }));
    const running = await debian.shell('pgrep -x apt-get || pgrep -x dpkg || echo none');

    expect(code).toBe('aborted');
    expect(running).toBe('none\n');
    await expectMended();
  });
});
