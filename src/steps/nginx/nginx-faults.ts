import { firstError } from './nginx-error.ts';
import type { Link, NginxLook } from './nginx-look.ts';

/** A site as it is to be: its file, whether it is enabled, and the paths in sites-enabled of its own and of those it replaces. */
interface Wish {
  readonly site: string;
  readonly enabled: boolean;
  readonly paths: readonly string[];
  readonly configuration: string;
}

/** What is wrong with the links of a site and with the nginx that is to run with it, in parts of a sentence. */
export function nginxFaults(wish: Wish, found: NginxLook): readonly string[] {
  return [...linkFaults(wish, found.links), ...processFaults(wish, found)];
}

function linkFaults(
  { site, enabled, paths: [own = '', ...others] }: Wish,
  [link, ...otherLinks]: readonly Link[],
): readonly string[] {
  const wrong: string[] = [];
  if (enabled && link?.is === 'none') wrong.push(`${own} is missing, so the site is not enabled`);
  if (enabled && link?.is === 'file') wrong.push(`${own} is a file and no link to ${site}`);
  if (enabled && link?.is === 'link' && link.leadsTo !== site) {
    wrong.push(`${own} leads to ${link.leadsTo || link.target}, wanted is ${site}`);
  }
  if (!enabled && link?.is !== 'none') wrong.push(`${own} is there, but the site is not to be enabled`);
  for (const [index, path] of others.entries()) {
    if (otherLinks[index]?.is !== 'none') wrong.push(`${path} is still enabled`);
  }
  return wrong;
}

function processFaults(
  { site, enabled, paths: [own = ''], configuration }: Wish,
  { nginx, links }: NginxLook,
): readonly string[] {
  if (!nginx) return ['nginx is not installed'];
  if (nginx.state !== 'active') return [`nginx does not run (systemd says ${nginx.state})`];
  if (!nginx.accepts) {
    return [
      `nginx -t refuses the configuration on the disk, so the next start would fail: ${firstError(nginx.told)}`,
    ];
  }
  const wrong: string[] = [];
  if (enabled && links[0]?.is === 'link' && !nginx.files.includes(own)) {
    wrong.push(`${configuration} does not include ${own}, so nginx never reads ${site}`);
  }
  if (nginx.workers.length === 0) wrong.push('nginx runs no workers');
  else if (Math.min(...nginx.workers) < nginx.changed.at) {
    const [at, started] = [nginx.changed.at, Math.min(...nginx.workers)].map((time) =>
      new Date(time).toISOString(),
    );
    wrong.push(
      `${nginx.changed.what} was changed at ${at}, but nginx has not been reloaded since ${started}`,
    );
  }
  return wrong;
}
