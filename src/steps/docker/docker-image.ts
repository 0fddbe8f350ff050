import { z } from 'zod';
import { Failure, type ReasonCode } from '../../errors.ts';
import { reveal } from '../../secret.ts';
import { gitPrelude } from '../code/git-account.ts';
import { hidden, secretsIn } from '../hidden.ts';
import { unrecorded } from '../host/file-in-place.ts';
import { AbsolutePath } from '../host/file-parameters.ts';
import { hostNamed, hostPlace } from '../ssh/ssh-connection.ts';
import { type RemoteResult, runOn } from '../ssh/ssh-run.ts';
import {
  type Check,
  defineStep,
  type Evidence,
  type Host,
  HostName,
  type StepContext,
  satisfied,
  Text,
  unsatisfied,
} from '../step.ts';
import {
  dockerExits,
  dockerPrelude,
  dockerTrouble,
  ImageName,
  ImageTag,
  lastLines,
} from './docker-access.ts';

const Line = Text.refine((value) => !/[\n\0]/.test(reveal(value)), 'no line breaks').meta({ type: 'string' });

const With = z.strictObject({
  host: HostName,
  directory: AbsolutePath.meta({ description: 'the context of the build, a checkout at the commit' }),
  name: ImageName,
  tag: ImageTag,
  commit: z.string().regex(/^[0-9a-f]{40}$/, 'the 40 hexadecimal digits of a commit'),
  file: z
    .string()
    .regex(/^[^-/\0][^\0]*$/, 'a path inside the directory')
    .default('Dockerfile'),
  buildArgs: z
    .record(z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/), Line)
    .default({})
    .meta({
      description:
        "values for the Dockerfile's ARGs; they stay readable in the image's history, so no secrets",
    }),
  labels: z.record(z.string().regex(/^[a-z0-9][a-z0-9._-]*$/), z.string()).default({}),
});
type With = z.output<typeof With>;

/** The label that tells the commit, https://github.com/opencontainers/image-spec/blob/main/annotations.md */
const revision = 'org.opencontainers.image.revision';

const Image = z.object({
  id: z.string(),
  digests: z.array(z.string()).nullable(),
  labels: z.record(z.string(), z.string()).nullable(),
  size: z.number(),
  created: z.string(),
});
type Image = z.output<typeof Image>;

const Remembered = z.object({
  /** The image that the name and tag stood for before, by id, or null. */
  former: z.string().nullable(),
  /** The image that this run built. */
  built: z.string(),
});

const exits = {
  noDirectory: 51,
  noFile: 52,
  otherCommit: 53,
  changed: 54,
  failed: 55,
  changedSince: 56,
  gone: 57,
} as const;

const format =
  '{"id":{{json .Id}},"digests":{{json .RepoDigests}},"labels":{{json .Config.Labels}},"size":{{json .Size}},"created":{{json .Created}}}';

const looking = `${dockerPrelude}docker image inspect --format '${format}' -- "$1" 2>/dev/null || echo null`;

/** The label is only true when the directory is at that commit; where it is a git checkout that is looked at. */
const building = `${dockerPrelude}directory=$1 file=$2 image=$3 commit=$4
shift 4
[ -d "$directory" ] || exit ${exits.noDirectory}
[ -f "$directory/$file" ] || exit ${exits.noFile}
in_git() ( dir=$directory as=$(stat -c %U -- "$directory"); ${gitPrelude} g "$@" 2>/dev/null )
head=$(in_git rev-parse --verify --quiet 'HEAD^{commit}')
[ -z "$head" ] || [ "$head" = "$commit" ] || exit ${exits.otherCommit}
[ -z "$head" ] || [ -z "$(in_git status --porcelain --untracked-files=no)" ] || exit ${exits.changed}
cd -- "$directory" || exit ${exits.noDirectory}
docker build --file "$file" --tag "$image" "$@" . >&2 || exit ${exits.failed}`;

const takingBack = `${dockerPrelude}image=$1 built=$2 former=$3
[ "$(docker image inspect --format '{{.Id}}' -- "$image" 2>/dev/null)" = "$built" ] || exit ${exits.changedSince}
if [ -z "$former" ]; then docker image rm --no-prune -- "$image" >&2 || exit ${exits.failed}; exit; fi
docker image inspect -- "$former" >/dev/null 2>&1 || exit ${exits.gone}
docker image tag "$former" "$image" || exit ${exits.failed}`;

/** An image with a name and tag was built from one commit, which its label tells; undo gives the tag back to the former image. */
export const dockerImage = defineStep({
  uses: 'docker/image',
  summary: 'A Docker image of that name and tag is built from one commit.',
  with: With,
  timeout: '30m',
  check: async (wanted, context) => {
    const host = hostNamed(wanted.host, context);
    const result = await runOn(
      host,
      { words: words(looking, reference(wanted)), as: 'root', limit: 60_000 },
      context,
    );
    // A dry run looks here before the step that installs Docker has run.
    if (result.exit === dockerExits.noDocker) {
      return unsatisfied(
        `There is no docker on ${hostPlace(host)}, so there is no image ${reference(wanted)}.`,
      );
    }
    return judged(wanted, host, imageIn(host, result));
  },
  apply: async (wanted, context) => {
    const host = hostNamed(wanted.host, context);
    const former = await look(wanted, host, context);
    const before = judged(wanted, host, former);
    if (former !== null && before.is === 'satisfied') {
      return { evidence: before.evidence, remember: { former: former.id, built: former.id } };
    }
    const image = reference(wanted);
    const labels = Object.entries({ ...wanted.labels, [revision]: wanted.commit });
    const more = [
      ...Object.keys(wanted.buildArgs).flatMap((name) => ['--build-arg', name]),
      ...labels.flatMap(([name, value]) => ['--label', `${name}=${value}`]),
    ];
    const command = {
      words: words(building, wanted.directory, wanted.file, image, wanted.commit, ...more),
      env: wanted.buildArgs,
      as: 'root',
      limit: 3_600_000,
      streamed: true,
    };
    const result = await runOn(host, command, context);
    if (result.exit !== 0) throw buildFailure(wanted, host, result);
    const built = await look(wanted, host, context);
    if (built === null) {
      throw new Failure(
        'command-failed',
        `The build on ${hostPlace(host)} ended well, but there is no image ${image}.`,
      );
    }
    const remember: z.output<typeof Remembered> = { former: former?.id ?? null, built: built.id };
    const answered = `${about(built)}; before it was ${former?.id ?? 'none'}`;
    const asked = `docker build of ${image} from ${wanted.directory} at ${wanted.commit}`;
    return { evidence: [{ asked, of: hostPlace(host), answered }], remember };
  },
  undo: async (wanted, context, remembered) => {
    const host = hostNamed(wanted.host, context);
    const image = reference(wanted);
    if (remembered === undefined) throw unrecorded(`image ${image}`, host);
    const { former, built } = Remembered.parse(remembered);
    const evidence = (answered: string): readonly Evidence[] => [
      { asked: `give ${image} back`, of: hostPlace(host), answered },
    ];
    if (former === built) return evidence('nothing was changed');
    const result = await runOn(
      host,
      { words: words(takingBack, image, built, former ?? ''), as: 'root', limit: 60_000 },
      context,
    );
    if (result.exit !== 0) throw notUndone(image, former, host, result);
    return evidence(
      former === null ? 'there was none before, so the tag is removed' : `it is ${former} again`,
    );
  },
});

function reference({ name, tag }: With): string {
  return `${name}:${tag}`;
}

function words(script: string, ...parameters: readonly string[]): readonly string[] {
  return ['sh', '-c', script, 'sh', ...parameters];
}

async function look(wanted: With, host: Host, context: StepContext): Promise<Image | null> {
  const command = { words: words(looking, reference(wanted)), as: 'root', limit: 60_000 };
  return imageIn(host, await runOn(host, command, context));
}

function imageIn(host: Host, { exit, stdout, stderr }: RemoteResult): Image | null {
  const trouble = dockerTrouble(host, 'root', exit);
  if (trouble) throw trouble;
  if (exit !== 0) {
    throw new Failure(
      'command-failed',
      `docker image inspect on ${hostPlace(host)} failed: ${lastLines(stderr)}`,
    );
  }
  return Image.nullable().parse(JSON.parse(stdout));
}

function about({ id, digests, labels, size, created }: Image): string {
  const named = digests && digests.length > 0 ? `, ${digests.join(', ')}` : '';
  return `${id}${named}, ${size} bytes, built ${created} from ${labels?.[revision] ?? 'no known commit'}`;
}

function judged(wanted: With, host: Host, image: Image | null): Check {
  const where = hostPlace(host);
  const name = reference(wanted);
  const evidence = {
    asked: `docker image inspect ${name}: built from ${wanted.commit}`,
    of: where,
    answered: image === null ? 'no such image' : about(image),
  };
  if (image === null) return unsatisfied(`There is no image ${name} on ${where}.`, evidence);
  const { labels } = image;
  const from = labels?.[revision];
  if (from !== wanted.commit) {
    const found =
      from === undefined ? 'does not say from which commit it was built' : `was built from ${from}`;
    return unsatisfied(`Image ${name} on ${where} ${found}, wanted is ${wanted.commit}.`, evidence);
  }
  const other = Object.keys(wanted.labels).filter((label) => labels?.[label] !== wanted.labels[label]);
  if (other.length === 0) return satisfied(evidence);
  return unsatisfied(
    `Image ${name} on ${where} has another value than wanted for the label ${other.join(', ')}.`,
    evidence,
  );
}

function buildFailure(wanted: With, host: Host, { exit, stderr }: RemoteResult): Failure {
  const trouble = dockerTrouble(host, 'root', exit);
  if (trouble) return trouble;
  const where = `${wanted.directory} on ${hostPlace(host)}`;
  const said = hidden(lastLines(stderr), secretsIn(wanted));
  const told: Readonly<Record<number, readonly [ReasonCode, string]>> = {
    [exits.noDirectory]: ['not-found', `There is no ${where}; check the code out first (code/checkout).`],
    [exits.noFile]: ['not-found', `There is no ${wanted.file} in ${where}.`],
    [exits.otherCommit]: [
      'command-failed',
      `${where} is not at ${wanted.commit}, so no image of that commit can be built from it; check it out first (code/checkout).`,
    ],
    [exits.changed]: [
      'command-failed',
      `Tracked files in ${where} are changed, so an image of ${wanted.commit} cannot be built from it; check it out first (code/checkout).`,
    ],
    [exits.failed]: [
      'command-failed',
      `The build of ${reference(wanted)} from ${where} failed, and the tag stands for what it stood for: ${said}`,
    ],
  };
  const [code, sentence] = told[exit] ?? [
    'command-failed',
    `The build from ${where} ended with exit code ${exit}: ${said}`,
  ];
  return new Failure(code, sentence);
}

function notUndone(
  image: string,
  former: string | null,
  host: Host,
  { exit, stderr }: RemoteResult,
): Failure {
  const trouble = dockerTrouble(host, 'root', exit);
  if (trouble) return trouble;
  const where = hostPlace(host);
  const told: Readonly<Record<number, string>> = {
    [exits.changedSince]: `${image} on ${where} stands for another image than the one that this run built, so it was left.`,
    [exits.gone]: `The former image ${former} of ${image} is no longer on ${where}; build or pull it by hand.`,
  };
  const sentence = told[exit] ?? `${image} on ${where} could not be given back: ${lastLines(stderr)}`;
  return new Failure('not-undone', sentence);
}
