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
import { activate, candidateOf } from './nginx-activate.ts';
import { nginxFaults } from './nginx-faults.ts';
import { lookAtNginx, type NginxLook } from './nginx-look.ts';

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

const Change = z.object({
  /** Undefined when the file was left as it was, null when there was none; SHA-256 of what was written. */
  kept: z.string().nullable().optional(),
  wrote: z.string(),
  links: z.array(z.object({ path: z.string(), wanted: z.string(), before: z.string() })),
  started: z.boolean(),
});
type Change = z.output<typeof Change>;

/** Null when all was as wanted already. */
const Remembered = z.object({ change: Change.nullable() });
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
    if (before.is === 'satisfied') {
      return { evidence: before.evidence, remember: { change: null } satisfies Remembered };
    }
    const { host, site, found, file } = seen;
    const where = hostPlace(host);
    if (!found.nginx) {
      throw new Failure('not-found', `nginx is not installed on ${where}; install it first (host/package).`);
    }
    const links = changes(wanted, seen);
    const isSame = file.because === undefined;
    const candidate = candidateOf(site);
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
    const change: Change = {
      ...(isSame ? {} : { kept }),
      wrote: sumOf(wanted.content),
      links: [...links],
      started,
    };
    const remember: Remembered = { change };
    return { evidence: [file.evidence, evidence], remember };
  },
  undo: async (wanted, context, remembered) => {
    const host = hostNamed(wanted.host, context);
    const site = siteOf(wanted);
    if (remembered === undefined) throw unrecorded(`the site ${wanted.name}`, host);
    const { change } = Remembered.parse(remembered);
    if (change === null) {
      return [{ asked: `take ${site} back`, of: hostPlace(host), answered: 'nothing was changed' }];
    }
    return [await takeBack(wanted, change, { host, site }, context)];
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
  const others = wanted.replaces.filter((name) => name !== wanted.name);
  const paths = [wanted.name, ...others].map((name) => linkOf(wanted, name));
  const file = await lookAtFile(host, wishOf(wanted, site), context);
  const found = await lookAtNginx(host, wanted.configuration, paths, context);
  return { host, site, paths, file, found };
}

function judge(wanted: With, { host, site, paths, file, found }: Look): Check {
  const where = hostPlace(host);
  const wrong = nginxFaults({ ...wanted, site, paths }, found);
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

/** Every link as it is to be and as it is; what is no link cannot be kept for an undo and is left to people. */
function changes(wanted: With, { host, site, paths, found }: Look): Change['links'] {
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
  { kept, wrote, links, started }: Change,
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
