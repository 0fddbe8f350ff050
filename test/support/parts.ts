import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { describe } from 'vitest';
import { hostsMissing } from '../../rehearsal/host/debian-root.ts';

interface Part {
  readonly present: () => boolean;
  readonly install: string;
}

const parts = {
  'redis-server': debian('/usr/bin/redis-server', 'redis-server'),
  sshd: debian('/usr/sbin/sshd', 'openssh-server'),
  chromium: debian('/usr/bin/chromium', 'chromium'),
  'postgresql-15': debian('/usr/lib/postgresql/15/bin/pg_dump', 'postgresql'),
  git: debian('/usr/bin/git', 'git'),
  alertmanager: debian('/usr/bin/prometheus-alertmanager', 'prometheus-alertmanager'),
  prometheus: debian('/usr/bin/prometheus', 'prometheus'),
  'debian-host': {
    present: () => hostsMissing() === undefined,
    install: 'apt-get install debootstrap systemd-container iproute2, and run it as root',
  },
  'local-slack': {
    present: () => resolves('local-slack-linux-x64/package.json'),
    install: 'npm ci on 64-bit Linux, without --omit=optional',
  },
} as const satisfies Record<string, Part>;

/** A program that some tests need and npm cannot bring to every machine. */
type PartName = keyof typeof parts;

/**
 * A `describe` that needs a real part: where the part is missing it is skipped and says so with the way to install it, except
 * with the environment variable CI set, where a missing part is an error.
 */
export function describeWith(needed: PartName | readonly PartName[], name: string, body: () => void): void {
  const missing = [needed].flat().filter((part) => !parts[part].present());
  if (missing.length === 0) {
    describe(name, body);
    return;
  }
  const reason = missing.map((part) => `${part} is missing (get it with: ${parts[part].install})`).join('; ');
  if (process.env.CI) throw new Error(`"${name}" cannot run: ${reason}`);
  process.stderr.write(`left out: "${name}": ${reason}\n`);
  describe.skip(`${name} [left out: ${reason}]`, body);
}

function debian(path: string, name: string): Part {
  return { present: () => existsSync(path), install: `apt-get install ${name}` };
}

function resolves(file: string): boolean {
  try {
    createRequire(import.meta.url).resolve(file);
    return true;
  } catch {
    return false;
  }
}
