import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type DebianHost, startHost } from '../../../rehearsal/host/host.ts';
import { spanOf } from '../../../src/steps/host/firewall-addresses.ts';
import { passageOf } from '../../../src/steps/host/firewall-evaluator.ts';
import { rulesetOf } from '../../../src/steps/host/firewall-rules.ts';
import { hostFirewall } from '../../../src/steps/host/host-firewall.ts';
import type { Host, StepContext } from '../../../src/steps/step.ts';
import { describeWith } from '../../support/parts.ts';
import { checking, contextOf, contract, failureOf } from '../contract.ts';

/** Ports at which something listens on the host. */
const heard = [80, 443, 5432, 9200];

describeWith('debian-host', 'host/firewall', () => {
  let dir: string;
  let debian: DebianHost;

  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'slipway-firewall-'));
    debian = await startHost({ dir });
    await debian.shell('apt-get install -qq nftables iptables >/dev/null 2>&1');
    for (const port of heard) {
      await debian.shell(
        `systemd-run -q --unit=listen-${port} systemd-socket-activate -a -l ${port} /bin/cat`,
      );
    }
  }, 600_000);

  afterAll(async () => {
    await debian?.stop();
    await rm(dir, { recursive: true, force: true });
  });

  beforeEach(async () => {
    await debian.shell(
      'systemctl disable -q nftables; rm -rf /etc/nftables.d; ' +
        'printf "#!/usr/sbin/nft -f\\n\\nflush ruleset\\n" >/etc/nftables.conf; systemctl stop slipway-firewall-trial.timer 2>/dev/null; nft flush ruleset',
    );
  });

  const context = (other: Partial<StepContext> = {}) => ({ hosts: { app: debian.host }, ...other });
  const check = (wanted: object = {}, host: Host = debian.host) =>
    checking(hostFirewall, { host: 'app', ...wanted }, { hosts: { app: host } });
  const apply = async (wanted: object = {}, other: Partial<StepContext> = {}) =>
    hostFirewall.apply?.(hostFirewall.with.parse({ host: 'app', ...wanted }), contextOf(context(other)));
  const undo = async (remembered: unknown) =>
    hostFirewall.undo?.(
      hostFirewall.with.parse({ host: 'app' }),
      contextOf(context()),
      JSON.parse(JSON.stringify(remembered)),
    );
  const reaches = (port: number) => connects(debian.address, port);
  /** Everything that the step could change, without counters and handles. */
  const snapshot = () =>
    debian
      .shell(
        'nft -s list ruleset; cat /etc/nftables.conf /etc/nftables.d/* 2>/dev/null; systemctl is-enabled nftables; systemctl list-timers --all --no-legend "slipway*"',
      )
      .catch((error: { stdout: string }) => error.stdout);

  contract(hostFirewall, { first: 'unsatisfied', last: 'satisfied', undoes: true }, async () => ({
    wanted: { host: 'app', from: [{ port: 9200, sources: ['10.83.0.0/16'] }] },
    hung: (port) => ({
      wanted: { host: 'app' },
      context: { hosts: { app: { ...debian.host, port, address: '127.0.0.1' } } },
    }),
    context: context(),
    snapshot,
    close: async () => {},
  }));

  test('what is open is named, then closed to real connections, then open again after undo', async () => {
    const open = await Promise.all(heard.map(reaches));
    const before = await check();
    const applied = await apply({
      from: [
        { port: 9200, sources: ['10.83.0.0/16'] },
        { port: 5432, sources: ['192.0.2.0/24'] },
      ],
    });

    const after = await Promise.all([22, ...heard].map(reaches));
    const start = await debian.shell(
      'nft flush ruleset; nft -f /etc/nftables.conf; nft -s list table inet slipway | grep -c accept',
    );
    const reloaded = await Promise.all(heard.map(reaches));
    await undo(applied?.remember);
    const undone = await Promise.all(heard.map(reaches));

    expect(open).toEqual([true, true, true, true]);
    expect(before).toMatchObject({
      is: 'unsatisfied',
      because: expect.stringMatching(
        /^On deploy@.* 5432 \(systemd-socket-\) is open to everybody, wanted is closed; 9200 \(systemd-socket-\) is open to everybody, wanted is closed; 65530 ports at which nothing listens are open to everybody, wanted is closed; no service is enabled that loads the rules/,
      ),
    });
    expect(after).toEqual([true, true, true, false, true]);
    expect(Number(start)).toBeGreaterThan(5);
    expect(reloaded).toEqual([true, true, false, true]);
    expect(undone).toEqual([true, true, true, true]);
  });

  test('drift is named exactly and repaired: a rule added, the table gone, its file edited, the service disabled', async () => {
    await apply();
    const found = async (script: string) => {
      await debian.shell(script);
      const checked = await check();
      return 'because' in checked ? checked.because : checked.is;
    };

    const added = await found('nft add rule inet slipway input tcp dport { 5432, 6000-6009 } accept');
    await apply();
    const closed = await found('nft insert rule inet slipway input tcp dport 443 drop');
    await apply();
    const edited = await found('echo "# mine" >>/etc/nftables.d/slipway.nft; systemctl disable -q nftables');
    const gone = await found('nft delete table inet slipway');
    await apply();

    expect(added).toMatch(
      /5432 \(systemd-socket-\) is open to everybody, wanted is closed; 10 ports at which nothing listens \(6000-6009\) are open to everybody, wanted is closed\.$/,
    );
    expect(closed).toMatch(
      /443 \(systemd-socket-\) is closed to everybody by rule \d+ of inet slipway input, wanted is open\.$/,
    );
    expect(edited).toMatch(
      /\/etc\/nftables\.d\/slipway\.nft is not as wanted; nftables\.service is not enabled\.$/,
    );
    expect(gone).toMatch(/9200 \(systemd-socket-\) is open to everybody/);
    expect((await check()).is).toBe('satisfied');
    expect(await reaches(9200)).toBe(false);
  }, 180_000);

  test('rules that would shut out Slipway itself are refused, and nothing changes', async () => {
    const before = await snapshot();

    const failure = await failureOf(apply({ ssh: { sources: ['192.0.2.0/24'] } }));

    expect(failure.code).toBe('config-refused');
    expect(failure.message).toMatch(
      /would shut out Slipway itself, which comes to .* from 10\.83\.\d+\.1 at port 22/,
    );
    expect(await snapshot()).toBe(before);
  });

  test('rules that no new login proves are taken back by the host itself', async () => {
    const network = await closing(debian.address, async () =>
      (await debian.shell('nft list tables')).includes('slipway'),
    );
    const before = await snapshot();
    const away = { ...debian.host, address: '127.0.0.1', port: network.port };

    const applying = failureOf(apply({ trial: '15s' }, { hosts: { app: away } }));
    while (!(await debian.shell('nft list tables')).includes('slipway')) await sleep(20);
    const during = await reaches(5432);
    const onTrial = await check();
    const failure = await applying;
    network.close();
    while ((await debian.shell('nft list tables')).includes('slipway')) await sleep(100);

    expect(during).toBe(false);
    expect(onTrial).toMatchObject({ because: expect.stringContaining('still on trial') });
    expect(failure.code).toBe('timed-out');
    expect(failure.message).toContain('the host takes it back by itself');
    expect(await snapshot()).toBe(before);
    expect(await reaches(5432)).toBe(true);
  });

  test('a connection that is cut off while the rules are on trial is mended by a second run', async () => {
    const network = await closing(debian.address, async () =>
      (await debian.shell('nft list tables')).includes('slipway'),
    );
    const away = { ...debian.host, address: '127.0.0.1', port: network.port };
    const before = await snapshot();

    const applying = failureOf(apply({}, { hosts: { app: away }, signal: AbortSignal.timeout(20_000) }));
    while (!(await debian.shell('nft list tables')).includes('slipway')) await sleep(10);
    network.close();
    const again = await apply();
    await applying;
    const checked = await check();
    await undo(again?.remember);

    expect(checked.is).toBe('satisfied');
    expect(await snapshot()).toBe(before);
  });

  test('another table that closes a wanted port is named, not overruled', async () => {
    await debian.shell(
      'nft "add table ip other; add chain ip other in { type filter hook input priority 5; }; add rule ip other in tcp dport 443 reject"',
    );

    await apply();
    const checked = await check();

    expect(checked).toMatchObject({
      because: expect.stringMatching(
        /443 \(.*\) is closed to every IPv4 address by rule \d+ of ip other in, wanted is open\.$/,
      ),
    });
    expect(await reaches(443)).toBe(false);
    expect(await debian.shell('nft list table ip other')).toContain('reject');
  });

  test('a rule of iptables that nft cannot show is doubted, never believed', async () => {
    await apply();
    await debian.shell(
      'iptables -A INPUT -p tcp --dport 443 -m recent --update --seconds 30 --hitcount 6 -j DROP',
    );

    const checked = await check();

    expect(checked).toMatchObject({
      is: 'unknown',
      because: expect.stringMatching(
        /whether 443 \(.*\) is open to every IPv4 address cannot be told, since rule \d+ of ip filter INPUT has something that only iptables understands\.$/,
      ),
    });
  });

  test('rules of iptables, as ufw and Docker write them, are read through its own translation', async () => {
    await debian.shell(`
      iptables -P INPUT DROP; iptables -N ufw-user-input; iptables -N not-local; iptables -t nat -N DOCKER
      iptables -A INPUT -i lo -j ACCEPT
      iptables -A INPUT -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
      iptables -A INPUT -m conntrack --ctstate INVALID -j DROP
      iptables -A INPUT -j not-local
      iptables -A not-local -m addrtype --dst-type LOCAL -j RETURN
      iptables -A not-local -m limit --limit 3/min -j LOG
      iptables -A not-local -j DROP
      iptables -A INPUT -j ufw-user-input
      iptables -A ufw-user-input -p tcp -m multiport --dports 22,80,443 -j ACCEPT
      iptables -A ufw-user-input -s 10.83.0.0/16 -p tcp --dport 9200 -j ACCEPT
      iptables -t nat -A PREROUTING -m addrtype --dst-type LOCAL -j DOCKER
      iptables -t nat -A DOCKER -d 127.0.0.1/32 ! -i docker0 -p tcp --dport 443 -j DNAT --to-destination 172.17.0.2:443
      ip6tables -P INPUT DROP; ip6tables -A INPUT -m rt --rt-type 0 -j DROP
      ip6tables -A INPUT -p tcp -m multiport --dports 22,80,443 -j ACCEPT`);
    const wanted = { from: [{ port: 9200, sources: ['10.83.0.0/16'] }] };
    const before = await snapshot();

    const checked = await check(wanted);
    const met = await Promise.all(heard.map(reaches));

    await debian.shell('iptables -P INPUT ACCEPT; ip6tables -P INPUT ACCEPT');
    expect(checked).toMatchObject({
      because: expect.stringMatching(
        /^On deploy@[^ ]+ no service is enabled that loads the rules when the machine starts\.$/,
      ),
    });
    expect(met).toEqual([true, true, false, true]);
    expect(before).toContain('ufw-user-input');
  });

  test('undo leaves rules that somebody has changed since', async () => {
    const applied = await apply();
    await debian.shell('nft add rule inet slipway input tcp dport 7 accept');

    const failure = await failureOf(undo(applied?.remember));

    expect(failure.code).toBe('not-undone');
    expect(await debian.shell('nft list table inet slipway')).toContain('dport 7 accept');
  });

  test('without a right, and without nft, it is told what to do', async () => {
    await debian.shell(
      'id guest 2>/dev/null || useradd -m guest; install -D -o guest /home/deploy/.ssh/authorized_keys /home/guest/.ssh/authorized_keys; chown guest /home/guest/.ssh',
    );
    const refused = await failureOf(check({}, { ...debian.host, user: 'guest' }));
    await debian.shell('mv /usr/sbin/nft /usr/sbin/nft.away');
    const checked = await check();
    const failure = await failureOf(apply());
    await debian.shell('mv /usr/sbin/nft.away /usr/sbin/nft');

    expect(refused.code).toBe('permission-denied');
    expect(checked).toMatchObject({
      is: 'unsatisfied',
      because: expect.stringMatching(/install nftables\.$/),
    });
    expect(failure.code).toBe('not-found');
  });

  describe('what is told of a ruleset is what real connections meet', () => {
    test.each([
      ['chain input { type filter hook input priority 0; policy drop; tcp dport { 80, 5000-6000 } accept; }'],
      [
        'chain input { type filter hook input priority 0; tcp dport 443 reject with tcp reset; ip saddr 10.83.0.0/16 tcp dport 9200 drop; }',
      ],
      [
        'chain web { tcp dport 80 accept; } chain input { type filter hook input priority 0; policy drop; ct state vmap { established : accept, invalid : drop }; jump web; tcp dport vmap { 443 : accept, 5432-5433 : drop }; ip saddr != 10.0.0.0/8 accept; }',
      ],
      [
        'set ok { type ipv4_addr . inet_service; flags interval; elements = { 10.83.0.0/16 . 443, 1.1.1.1 . 80 }; } chain input { type filter hook input priority 0; policy drop; ip saddr . tcp dport @ok accept; iifname "lo" accept; iifname "host*" tcp dport > 9000 accept; }',
      ],
      [
        'chain early { type filter hook prerouting priority raw; tcp dport 80 drop; } chain input { type filter hook input priority 0; policy drop; meta l4proto tcp th dport { 80, 443 } accept; fib daddr type local tcp dport 5432 accept; }',
      ],
      [
        'chain other { tcp dport 80 return; tcp dport 443 accept; } chain input { type filter hook input priority 0; policy drop; tcp flags & (fin|syn|rst|ack) != syn accept; tcp dport != { 5432, 9200 } goto other; tcp dport 9200 limit rate 50/second accept; }',
      ],
    ])('%s', async (text) => {
      await debian.shell(
        `nft 'table inet t { ${text.replaceAll('; }', ';\n}').replaceAll('; ', ';\n').replaceAll('} chain', '}\nchain')}\n}'`,
      );
      const ruleset = rulesetOf(JSON.parse(await debian.shell('nft -j list ruleset')));
      const source = spanOf(debian.address.replace(/2$/, '1'))?.from ?? 0n;

      const told = heard.map(
        (port) => passageOf(ruleset, { family: 4, source, own: [], port, by: 'host0' }).is,
      );
      const met = await Promise.all(heard.map(reaches));

      expect(told).toEqual(met.map((isOpen) => (isOpen ? 'open' : 'closed')));
      expect(new Set(met).size).toBe(2);
    });
  });
});

/** Whether a connection is accepted; what drops a packet gives no answer. */
async function connects(address: string, port: number): Promise<boolean> {
  const socket = connect(port, address);
  const answered = await Promise.race([
    once(socket, 'connect').then(() => true),
    sleep(1_500, false, { ref: false }),
  ]).catch(() => false);
  socket.destroy();
  return answered;
}

/** A way to the host's SSH server that lets nobody in as soon as something is so, and that can be cut off. */
async function closing(address: string, isShut: () => Promise<boolean>) {
  const sockets = new Set<Socket>();
  const server = createServer(async (socket) => {
    sockets.add(socket.on('error', () => {}));
    if (await isShut()) return void socket.destroy();
    const further = connect(22, address);
    for (const [from, to] of [
      [socket, further],
      [further, socket],
    ] as const) {
      sockets.add(from);
      from.on('error', () => {}).on('close', () => to.destroy());
      from.pipe(to);
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const listening = server.address();
  return {
    port: typeof listening === 'object' ? (listening?.port ?? 0) : 0,
    close: () => {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}
