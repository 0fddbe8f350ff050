import { spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, readFile, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { bootMachine, type Machine } from '../../../rehearsal/machine/boot.ts';
import { basePrograms } from '../../../rehearsal/machine/packages.ts';
import { intoRoot } from '../../../rehearsal/machine/played-root.ts';
import { isRunning, runningAs } from '../../../rehearsal/machine/processes.ts';
import { shellPrograms } from '../../../rehearsal/machine/shell-programs.ts';
import { compiledMachine } from './compiled-machine.ts';

describe('a machine that is played', () => {
  let dir: string;
  let compiled: string;
  let machine: Machine;

  beforeAll(async () => {
    dir = await realpath(await mkdtemp(join(tmpdir(), 'slipway-machine-')));
    compiled = await compiledMachine(join(dir, 'compiled'));
    machine = await bootMachine({ root: join(dir, 'root'), compiled });
    run('apt-get -y -q install -- docker.io nftables nginx-light nodejs');
  });

  afterAll(async () => {
    await machine?.stop();
    await rm(dir, { recursive: true, force: true });
  });

  const run = (script: string) => {
    const { env } = machine;
    const { status, stdout, stderr } = spawnSync('/bin/sh', ['-c', intoRoot(env.PLAYED_ROOT, script)], {
      env,
      encoding: 'utf8',
    });
    return { status, out: stdout, error: stderr };
  };
  const pidOf = (unit: string) => Number(run(`systemctl show -p MainPID --value ${unit}`).out);

  test('refuses every invocation that it does not know, and says so', () => {
    // These take whatever they are given to the real program or have no words of their own.
    const transparent = ['stat', 'runuser', 'sudo', 'chown', 'install'];
    const programs = [...basePrograms, ...Object.keys(shellPrograms), 'docker', 'nft', 'nginx'];
    const asked = programs.filter((name) => !transparent.includes(name));

    const answers = asked.map((name) => ({ name, ...run(`${name} --everything now`) }));

    expect(asked.length).toBeGreaterThan(20);
    for (const { name, status, error } of answers) {
      expect.soft({ name, status }).toEqual({ name, status: 64 });
      expect.soft(error).toContain('this host is played');
    }
  });

  test('has its own programs only, also where a script looks in sbin first', () => {
    const where = (...names: string[]) =>
      run(
        `PATH=/usr/local/sbin:/usr/sbin:/sbin:$PATH; for name in ${names.join(' ')}; do command -v $name; done`,
      );

    const own = where('nginx', 'systemctl', 'nft', 'useradd', 'node', 'sed');
    run('apt-get -y -q remove -- docker.io');
    const none = where('docker', 'iptables', 'mkfs', 'mount.nfs', 'passwd', 'chroot', 'apt');
    run('apt-get -y -q install -- docker.io');

    const folders = ['sbin/nginx', 'sbin/systemctl', 'sbin/nft', 'sbin/useradd', 'bin/node', 'bin/sed'];
    expect(own.out).toBe(folders.map((one) => `${dir}/root/usr/${one}\n`).join(''));
    expect(none.out).toBe('');
  });

  test('runs what is enabled until it is shut down, and again after its next boot', async () => {
    const before = runningAs(pidOf('nginx.service'));
    await machine.stop();
    const wasRunning = before !== undefined && isRunning(before);

    machine = await bootMachine({ root: join(dir, 'root'), compiled });

    expect(before).toBeDefined();
    expect(wasRunning).toBe(false);
    expect(run('systemctl is-active nginx.service')).toMatchObject({ status: 0, out: 'active\n' });
    expect(pidOf('nginx.service')).not.toBe(before?.pid);
  });

  test('tries a change of nginx in a view of its own that nobody else sees', async () => {
    await mkdir(join(dir, 'root/etc/nginx/sites-available'), { recursive: true });
    const script = `mount -t tmpfs -o mode=0755 own /etc/nginx && ls -A /etc/nginx; echo 'listn 80;' >/etc/nginx/nginx.conf; nginx -t -q`;
    await writeFile(join(dir, 'root/tmp/try.sh'), intoRoot(machine.env.PLAYED_ROOT, script));

    const tried = run(`unshare --mount sh -c "$(cat ${dir}/root/tmp/try.sh)"`);
    const outside = run('mount -t tmpfs -o mode=0755 own /etc/nginx');

    expect(tried).toMatchObject({ status: 1, out: '' });
    expect(tried.error).toContain('unknown directive "listn"');
    expect(outside.status).toBe(32);
    expect(await readFile(join(dir, 'root/etc/nginx/nginx.conf'), 'utf8')).toContain('http {');
    expect(run('nginx -t -q').status).toBe(0);
  });

  test('takes a firewall back by itself unless that is called off', async () => {
    await writeFile(join(dir, 'root/etc/open.nft'), 'table inet own {\n}\n');
    const arm = (name: string) =>
      run(`systemd-run --quiet --collect --unit=${name} --on-active=1 "$(command -v nft)" -f /etc/open.nft`);
    const rules = () => run('nft -j list ruleset').out;
    const waited = () => new Promise((settle) => setTimeout(settle, 1_800));

    arm('one');
    run('systemctl stop -- one.timer');
    await waited();
    const calledOff = rules();
    arm('two');
    await waited();

    expect(calledOff).not.toContain('"own"');
    expect(rules()).toContain('"own"');
  });

  test('builds the same image from the same files, and another one from others', async () => {
    await mkdir(join(dir, 'root/srv/app'), { recursive: true });
    const build = async (text: string) => {
      await writeFile(join(dir, 'root/srv/app/Dockerfile'), text);
      const { status } = run('cd /srv/app && docker build --file Dockerfile --tag app:1 --label a=b=c .');
      return [status, run("docker image inspect --format '{{.Id}} {{json .Config.Labels}}' -- app:1").out];
    };

    const [first, same, other] = [
      await build('FROM x\n'),
      await build('FROM x\n'),
      await build('FROM x\nUSER y\n'),
    ];

    expect(first?.[1]).toMatch(/^sha256:[0-9a-f]{64} {"a":"b=c"}\n$/);
    expect(same).toEqual(first);
    expect(other?.[1]).not.toBe(first?.[1]);
  });
});
