import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { claim } from './claim.ts';

/** The link between this machine and one host. */
export interface HostLink {
  /** The machine's name, from which its link is named too. */
  readonly machine: string;
  /** The host's own address. */
  readonly address: string;
  /** This machine's address as the host sees it. */
  readonly outside: string;
  /** Gives this side of the link its address, as soon as the link is there. */
  readonly connect: (isDead: () => boolean) => Promise<void>;
  readonly release: () => Promise<void>;
}

const numbers = Array.from({ length: 249 }, (_none, index) => index + 1);

/** Why no host can have an address here, or undefined when one can. */
export function addressesMissing(): string | undefined {
  const routes = readRoutes();
  if (numbers.some((number) => isFree(number, routes))) return undefined;
  const links = [
    ...new Set(routes.filter(({ link }) => !link.startsWith('ve-slipway')).map(({ link }) => link)),
  ];
  return `10.83.0.0/16, in which hosts get their addresses, is taken by ${links.join(', ') || 'other hosts'} (see ip route)`;
}

/** Claims a network of four addresses that no other host of this machine has, whoever started it. */
export async function claimLink(): Promise<HostLink> {
  for (const number of numbers) {
    if (!isFree(number, readRoutes())) continue;
    const release = await claim(`host-${number}`);
    if (release === undefined) continue;
    const machine = `slipway${number}`;
    const link = `ve-${machine}`;
    if (existsSync(`/sys/class/net/${link}`)) {
      await release();
      continue;
    }
    const outside = `10.83.${number}.1`;
    return {
      machine,
      address: `10.83.${number}.2`,
      outside,
      connect: (isDead) => connect(link, outside, isDead),
      release,
    };
  }
  throw new Error(addressesMissing() ?? 'too many hosts run on this machine');
}

interface Route {
  readonly link: string;
  readonly destination: number;
  readonly mask: number;
}

function isFree(number: number, routes: readonly Route[]): boolean {
  const address = ((10 << 24) | (83 << 16) | (number << 8)) >>> 0;
  return routes.every(({ destination, mask }) => {
    const common = (mask & 0xfffffffc) >>> 0;
    return (address & common) >>> 0 !== (destination & common) >>> 0;
  });
}

/** The machine's IPv4 routes but the default ones; /proc/net/route has numbers in the order of the machine's bytes. */
function readRoutes(): readonly Route[] {
  const [, ...lines] = readFileSync('/proc/net/route', 'utf8').trim().split('\n');
  return lines
    .map((line) => line.split('\t'))
    .map(([link = '', destination = '', , , , , , mask = '']) => ({
      link,
      destination: Buffer.from(destination, 'hex').readUInt32LE(),
      mask: Buffer.from(mask.trim(), 'hex').readUInt32LE(),
    }))
    .filter(({ mask }) => mask !== 0);
}

async function connect(link: string, outside: string, isDead: () => boolean): Promise<void> {
  for (let tries = 0; !existsSync(`/sys/class/net/${link}`); tries += 1) {
    if (isDead() || tries > 500) throw new Error('it did not start');
    await sleep(20);
  }
  const run = promisify(execFile);
  await run('ip', ['address', 'replace', `${outside}/30`, 'dev', link]);
  await run('ip', ['link', 'set', link, 'up']);
}
