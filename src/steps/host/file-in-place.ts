import { Failure } from '../../errors.ts';
import { reveal, Secret } from '../../secret.ts';
import { hostPlace } from '../ssh/ssh-connection.ts';
import type { Evidence, Host, StepContext } from '../step.ts';
import { changedLines, unifiedDiff } from './diff.ts';
import { validateFile } from './file-validation.ts';
import {
  type KeptFile,
  type RemoteFile,
  readRemoteFile,
  restoreRemoteFile,
  writeRemoteFile,
} from './remote-file.ts';

/** How a file on a host is to be; `mode` is four octal digits such as `0644`. */
export interface FileWish {
  readonly path: string;
  readonly content: string | Secret;
  readonly owner: string;
  readonly group: string;
  readonly mode: string;
}

/** What looking at a file found: `because` says in one sentence what is wrong with it, and is left out when nothing is. */
export interface FileLook {
  readonly because?: string;
  readonly evidence: Evidence;
}

/** What putting a file in place did: `kept` is what `takeBackFile` needs, null when the file already was as wanted. */
export interface FilePut {
  readonly evidence: readonly Evidence[];
  readonly kept: KeptFile | null;
}

type Context = Pick<StepContext, 'signal' | 'log'>;

/**
 * Compares a file on a host with how it is to be, read as root. The evidence holds the difference line by line, or only its size
 * where the file is secret. Throws Failures only, such as `command-failed` where a link or folder has the file's name.
 */
export async function lookAtFile(host: Host, wish: FileWish, context: Context): Promise<FileLook> {
  const found = await readRemoteFile(host, wish.path, context);
  const wrong = faults(wish, found);
  const where = hostPlace(host);
  const evidence = {
    asked: `file ${wish.path}: content, ${wish.owner}:${wish.group}, mode ${wish.mode}`,
    of: where,
    answered:
      wrong.length === 0 ? 'as wanted' : [wrong.join('; '), difference(wish, found)].join('\n').trim(),
  };
  if (wrong.length === 0) return { evidence };
  return { because: `${wish.path} on ${where} ${wrong.join(', ')}.`, evidence };
}

/**
 * Makes a file as wanted, whole or not at all, and keeps what was there before on the host. The words of `validate` are a command
 * that first gets the path of a copy as its last argument: when it ends with another exit code than 0 this throws `config-refused`
 * and nothing has changed.
 */
export async function putFile(
  host: Host,
  wish: FileWish,
  context: Context,
  validate?: readonly string[],
): Promise<FilePut> {
  const look = await lookAtFile(host, wish, context);
  if (look.because === undefined) return { evidence: [look.evidence], kept: null };
  const validated =
    validate === undefined
      ? []
      : [await validateFile(host, { ...wish, isSecret: isSecret(wish) }, validate, context)];
  const { path, owner, group, mode } = wish;
  const wanted = { content: reveal(wish.content), owner, group, mode };
  const kept = await writeRemoteFile(host, path, wanted, context);
  const before = kept.kept === null ? 'there was none before' : `what was there is kept as ${kept.kept}`;
  const written = { asked: `write ${path}`, of: hostPlace(host), answered: `written; ${before}` };
  return { evidence: [look.evidence, ...validated, written], kept };
}

/**
 * Puts back what was there before `putFile`, or removes the file where there was none; nothing happens where it had changed nothing.
 * Throws `not-undone` when somebody has changed the file since.
 */
export async function takeBackFile(host: Host, kept: KeptFile | null, context: Context): Promise<Evidence> {
  const of = hostPlace(host);
  if (kept === null) return { asked: 'what was changed', of, answered: 'nothing, the file was as wanted' };
  await restoreRemoteFile(host, kept, context);
  const answered = kept.kept === null ? 'removed, since there was none before' : `put back from ${kept.kept}`;
  return { asked: `take ${kept.path} back`, of, answered };
}

function faults(wish: FileWish, found: RemoteFile | undefined): readonly string[] {
  if (!found) return ['does not exist'];
  const wrong: string[] = [];
  if (found.content !== reveal(wish.content)) {
    const { gone, come } = changedLines(found.content, reveal(wish.content));
    wrong.push(
      `has another content than wanted (${gone} ${gone === 1 ? 'line' : 'lines'} to go, ${come} to come)`,
    );
  }
  const [owner, wantedOwner] = [`${found.owner}:${found.group}`, `${wish.owner}:${wish.group}`];
  if (owner !== wantedOwner) wrong.push(`belongs to ${owner}, wanted is ${wantedOwner}`);
  if (found.mode !== wish.mode) wrong.push(`has mode ${found.mode}, wanted is ${wish.mode}`);
  return wrong;
}

function difference(wish: FileWish, found: RemoteFile | undefined): string {
  if (isSecret(wish) || (found && !isPublic(found.mode))) {
    return 'its lines are not shown, since not everybody may read them';
  }
  return unifiedDiff(found?.content ?? '', reveal(wish.content));
}

/** What not everybody on the host may read must not stand in a record that more people read. */
function isSecret({ content, mode }: FileWish): boolean {
  return content instanceof Secret || !isPublic(mode);
}

function isPublic(mode: string): boolean {
  return (Number.parseInt(mode, 8) & 0o004) !== 0;
}

/** Says of an undo without a record that it cannot be done; a run that was cut off in mid-apply has none. */
export function unrecorded(what: string, host: Host): Failure {
  return new Failure(
    'not-undone',
    `It was not recorded what this run changed of ${what} on ${hostPlace(host)}; look there and take it back by hand. Earlier contents of files lie in /var/lib/slipway/kept.`,
  );
}
