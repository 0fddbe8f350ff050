import { basename, dirname, join } from 'node:path/posix';
import { z } from 'zod';
import { Failure } from '../../errors.ts';
import { type FileLook, type FileWish, lookAtFile, unrecorded } from '../host/file-in-place.ts';
import { AbsolutePath } from '../host/file-parameters.ts';
import { readRemoteFile, sumOf, writeRemoteFile } from '../host/remote-file.ts';
import { hostNamed, hostPlace } from '../ssh/ssh-connection.ts';
import {
  type Check,
  defineStep,
  type Evidence,
  type Host,
  HostName,
  type StepContext,
  satisfied,
  unsatisfied,
} from '../step.ts';
import { activate } from './nginx-activate.ts';
import { type Link, lookAtNginx, type NginxLook } from './nginx-look.ts';

const SiteName = z
  .string()
  .regex(
    /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,99}$/,
    'a file name of letters, digits, hyphens, dots and underscores',
  );

const With = z.strictObject({
  host: HostName,
  name: SiteName.meta({ description: 'the name of its file in sites-available' }),
  content: z.string().meta({ description: "the site's whole configuration" }),
  enabled: z.boolean().default(true).meta({ description: 'whether it is linked in sites-enabled' }),
  replaces: z
    .array(SiteName)
    .default([])
    .meta({ description: 'other sites that must not be in sites-enabled, such as default' }),
  configuration: AbsolutePath.default('/etc/nginx/nginx.conf').meta({
    description: "nginx's main file, beside which sites-available and sites-enabled lie",
  }),
});
type With = z.output<typeof With>;

const Remembered = z.object({
  /** Undefined when the file was left as it was, null when there was none; SHA-256 of what was written. */
  kept: z.string().nullable().optional(),
  wrote: z.string(),
  links: z.array(z.object({ path: z.string(), wanted: z.string(), before: z.string() })),
  started: z.boolean(),
});
type Remembered = z.output<typeof Remembered>;

interface Look {
  readonly host: Host;
  readonly site: string;
  readonly paths: readonly string[];
  readonly file: FileLook;
  readonly found: NginxLook;
}

/**
 * nginx runs with a site's configuration: the file has its content, is linked in sites-enabled, the whole configuration is
 * accepted, and all of it was last changed before the workers started, which read it at a reload only
 * (https://nginx.org/en/docs/control.html#reconfiguration).
 */
export const nginxSite = defineStep({
  uses: 'nginx/site',
  summary: "nginx runs with a site's configuration.",
  with: With,
  timeout: '3m',
  check: async (wanted, context) => judge(wanted, await look(wanted, context)),
  apply: async (wanted, context) => {
    const seen = await look(wanted, context);
    const before = judge(wanted, seen);
    if (before.is === 'satisfied') return { evidence: before.evidence };
    const { host, site, found, file } = seen;
    const where = hostPlace(host);
    if (!found.nginx) {
      throw new Failure('not-found', `nginx is not installed on ${where}; install it first (host/package).`);
    }
    const links = changes(wanted, seen);
    const isSame = file.because === undefined;
    const candidate = join(dirname(site), `.slipway-candidate-${wanted.name}`);
    if (!isSame) {
      const { content, owner, group, mode } = wishOf(wanted, site);
      await writeRemoteFile(host, candidate, { content, owner, group, mode }, context);
    }
    const source = isSame ? site : candidate;
    const { configuration } = wanted;
    const { kept, started } = await activate(host, { configuration, site, source, links }, context);
    const answered = [
      'tested in a private copy of the configuration, then put in place',
      ...links
        .filter((link) => link.wanted !== link.before)
        .map((link) => `${link.path} ${link.wanted === '' ? 'removed' : `→ ${link.wanted}`}`),
      started ? 'nginx was started' : 'nginx was reloaded and runs new workers',
    ].join('\n');
    const evidence: Evidence = { asked: `activate ${site}`, of: where, answered };
    const remember: Remembered = {
      ...(isSame ? {} : { kept }),
      wrote: sumOf(wanted.content),
      links: [...links],
      started,
    };
    return { evidence: [file.evidence, evidence], remember };
  },
  undo: async (wanted, context, remembered) => {
    const host = hostNamed(wanted.host, context);
    const site = siteOf(wanted);
    if (remembered === undefined) throw unrecorded(`the site ${wanted.name}`, host);
    return [await takeBack(wanted, Remembered.parse(remembered), { host, site }, context)];
  },
});

function siteOf({ configuration, name }: With): string {
  return join(dirname(configuration), 'sites-available', name);
}

function linkOf({ configuration }: With, name: string): string {
  return join(dirname(configuration), 'sites-enabled', name);
}

function wishOf({ content }: With, path: string): FileWish & { readonly content: string } {
  return { path, content, owner: 'root', group: 'root', mode: '0644' };
}

async function look(wanted: With, context: StepContext): Promise<Look> {
  const host = hostNamed(wanted.host, context);
  const site = siteOf(wanted);
  const paths = [wanted.name, ...wanted.replaces].map((name) => linkOf(wanted, name));
  const file = await lookAtFile(host, wishOf(wanted, site), context);
  const found = await lookAtNginx(host, wanted.configuration, paths, context);
  return { host, site, paths, file, found };
}

function judge(wanted: With, { host, site, paths, file, found }: Look): Check {
  const where = hostPlace(host);
  const wrong = [...linkFaults(wanted, site, paths, found.links), ...nginxFaults(wanted, site, found)];
  const { nginx } = found;
  const answered = [
    nginx ? `nginx is ${nginx.state}` : 'nginx is not installed',
    ...(nginx?.state === 'active' ? [`nginx -t ${nginx.accepts ? 'accepts' : 'refuses'}`, nginx.told] : []),
    ...wrong,
  ];
  const evidence: Evidence = {
    asked: `nginx with ${site}: links, nginx -t, state, workers newer than the files`,
    of: where,
    answered: answered.filter((line) => line !== '').join('\n'),
  };
  const all = [...(file.because === undefined ? [] : [file.because.replace(/\.$/, '')]), ...wrong];
  if (all.length === 0) return satisfied(file.evidence, evidence);
  const first = file.because === undefined ? `nginx on ${where}: ` : '';
  return unsatisfied(`${first}${all.join('; ')}.`, file.evidence, evidence);
}

function linkFaults(
  wanted: With,
  site: string,
  [own = '', ...others]: readonly string[],
  [link, ...otherLinks]: readonly Link[],
): readonly string[] {
  const wrong: string[] = [];
  if (wanted.enabled && link?.is === 'none') wrong.push(`${own} is missing, so the site is not enabled`);
  if (wanted.enabled && link?.is === 'file') wrong.push(`${own} is a file and no link to ${site}`);
  if (wanted.enabled && link?.is === 'link' && link.leadsTo !== site) {
    wrong.push(`${own} leads to ${link.leadsTo || link.target}, wanted is ${site}`);
  }
  if (!wanted.enabled && link?.is !== 'none')
    wrong.push(`${own} is there, but the site is not to be enabled`);
  for (const [index, path] of others.entries()) {
    if (otherLinks[index]?.is !== 'none') wrong.push(`${path} is still enabled`);
  }
  return wrong;
}

function nginxFaults(wanted: With, site: string, { nginx, links }: NginxLook): readonly string[] {
  if (!nginx) return ['nginx is not installed'];
  if (nginx.state !== 'active') return [`nginx does not run (systemd says ${nginx.state})`];
  if (!nginx.accepts) {
    return [`nginx -t refuses the configuration on the disk, so the next start would fail: ${nginx.told}`];
  }
  const wrong: string[] = [];
  const link = linkOf(wanted, wanted.name);
  if (wanted.enabled && links[0]?.is === 'link' && !nginx.files.includes(link)) {
    wrong.push(`${wanted.configuration} does not include ${link}, so nginx never reads ${site}`);
  }
  if (nginx.workers.length === 0) wrong.push('nginx runs no workers');
  else if (Math.min(...nginx.workers) < nginx.changed.at) {
    const [at, started] = [nginx.changed.at, Math.min(...nginx.workers)].map(moment);
    wrong.push(
      `${nginx.changed.what} was changed at ${at}, but nginx has not been reloaded since ${started}`,
    );
  }
  return wrong;
}

/** Every link as it is to be and as it is; what is no link cannot be kept for an undo and is left to people. */
function changes(wanted: With, { host, site, paths, found }: Look): Remembered['links'] {
  return paths.map((path, index) => {
    const link = found.links[index] ?? { is: 'none' };
    if (link.is === 'file') {
      throw new Failure(
        'command-failed',
        `${path} on ${hostPlace(host)} is a file and no link, nothing was changed; move it to sites-available, then run this again.`,
      );
    }
    const before = link.is === 'link' ? link.target : '';
    if (index > 0 || !wanted.enabled) return { path, wanted: '', before };
    return { path, wanted: link.is === 'link' && link.leadsTo === site ? before : site, before };
  });
}

async function takeBack(
  { configuration }: With,
  { kept, wrote, links, started }: Remembered,
  { host, site }: { readonly host: Host; readonly site: string },
  context: StepContext,
): Promise<Evidence> {
  const where = hostPlace(host);
  const paths = links.map(({ path }) => path);
  const [file, found] = [
    await readRemoteFile(host, site, context),
    await lookAtNginx(host, configuration, paths, context),
  ];
  const targets = found.links.map((link) =>
    link.is === 'link' ? link.target : link.is === 'none' ? '' : null,
  );
  const sum = file && sumOf(file.content);
  const asked = `take ${site} back`;
  const isBack = links.every(({ before }, index) => targets[index] === before);
  if (isBack && (kept === null ? !file : isKeptAs(kept, sum))) {
    return { asked, of: where, answered: 'file and links are as before already' };
  }
  if (sum !== wrote || links.some((link, index) => targets[index] !== link.wanted)) {
    throw new Failure(
      'not-undone',
      `${site} or its links on ${where} were changed by somebody since Slipway wrote them, so they were left; what was there before is ${kept ?? 'nothing'}.`,
    );
  }
  const reversed = links.map(({ path, wanted, before }) => ({ path, wanted: before, before: wanted }));
  try {
    await activate(
      host,
      { configuration, site, source: kept === undefined ? site : kept, links: reversed, stops: started },
      context,
    );
  } catch (cause) {
    if (!(cause instanceof Failure) || cause.code === 'aborted' || cause.code === 'timed-out') throw cause;
    throw new Failure('not-undone', `${site} on ${where} was not taken back: ${cause.message}`, { cause });
  }
  const outcome = kept === undefined ? 'left' : kept === null ? 'removed' : `put back from ${kept}`;
  const answered = `the file was ${outcome}, links as before, nginx ${started ? 'stopped' : 'reloaded'}`;
  return { asked, of: where, answered };
}

/** Kept copies are named after their content, so an undo that was cut off may be repeated. */
function isKeptAs(kept: string | undefined, sum: string | undefined): boolean {
  return kept !== undefined && sum !== undefined && basename(kept).includes(`-${sum.slice(0, 32)}-`);
}

function moment(at: number): string {
  return new Date(at).toISOString();
}
