import { mkdtemp, rm } from 'node:fs/promises';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type DebianHost, startHost } from '../../../rehearsal/host/host.ts';
import { nginxSite } from '../../../src/steps/nginx/nginx-site.ts';
import type { Applied, Check, Evidence } from '../../../src/steps/step.ts';
import { checking, contextOf } from '../contract.ts';

/** A Debian host with nginx, and the step tried on its site `shop`, which is to replace `default`. */
export interface Shop {
  readonly debian: DebianHost;
  readonly context: { readonly hosts: Record<string, DebianHost['host']> };
  readonly wanting: (more?: object) => object;
  readonly check: (more?: object) => Promise<Check>;
  readonly apply: (more?: object, context?: object) => Promise<Applied | undefined>;
  readonly undo: (applied: Applied | undefined) => Promise<readonly Evidence[] | undefined>;
  /** What the host answers to a request on a new connection. */
  readonly answer: () => Promise<string>;
  /** Every file and link of sites, and what systemd says of nginx. */
  readonly snapshot: () => Promise<string>;
  /** Makes nginx as it was when it was installed. */
  readonly reset: () => Promise<unknown>;
  readonly close: () => Promise<void>;
}

/** A site that answers every request with a word of its own. */
export const answering = (word: string, more = '') =>
  `server {\n    listen 80 default_server;\n    location / {\n        return 200 "${word}\\n";\n    }\n${more}}\n`;

const everything = `cd /etc/nginx && ls -la --time-style=+ sites-available sites-enabled && cat sites-available/* &&
  while systemctl show -p ActiveState nginx | grep -q reloading; do sleep 0.1; done &&
  systemctl show -p ActiveState --value nginx`;

const asInstalled = `
  rm -f /etc/nginx/sites-enabled/* /etc/nginx/sites-available/shop /etc/nginx/sites-available/.s*
  ln -s /etc/nginx/sites-available/default /etc/nginx/sites-enabled/default
  systemctl reset-failed nginx; systemctl restart nginx`;

export async function openShop(): Promise<Shop> {
  const dir = await mkdtemp(join(tmpdir(), 'slipway-nginx-'));
  const debian = await startHost({ dir });
  await debian.shell('apt-get install -y -qq nginx-light >/dev/null 2>&1');
  const context = { hosts: { web: debian.host } };
  const wanting = (more: object = {}) => ({
    host: 'web',
    name: 'shop',
    content: answering('wanted'),
    replaces: ['default'],
    ...more,
  });
  return {
    debian,
    context,
    wanting,
    check: (more) => checking(nginxSite, wanting(more), context),
    apply: async (more, some) =>
      nginxSite.apply?.(nginxSite.with.parse(wanting(more)), contextOf({ ...context, ...some })),
    undo: async (applied) =>
      nginxSite.undo?.(
        nginxSite.with.parse(wanting()),
        contextOf(context),
        JSON.parse(JSON.stringify(applied?.remember ?? null)) ?? undefined,
      ),
    answer: () => get(debian.address),
    snapshot: () => debian.shell(everything),
    reset: () => debian.shell(asInstalled),
    close: async () => {
      await debian.stop();
      await rm(dir, { recursive: true, force: true });
    },
  };
}

function get(host: string): Promise<string> {
  return new Promise((settle, fail) => {
    const asked = request({ host, agent: false }, async (response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of response) chunks.push(chunk);
      settle(Buffer.concat(chunks).toString());
    });
    asked.once('error', fail).end();
  });
}
