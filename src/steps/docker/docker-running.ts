import { z } from 'zod';
import { Failure } from '../../errors.ts';
import { hostNamed, hostPlace } from '../ssh/ssh-connection.ts';
import { runOn } from '../ssh/ssh-run.ts';
import { defineStep, HostName, satisfied } from '../step.ts';
import { ContainerName, dockerPrelude, dockerTrouble, lastLines } from './docker-access.ts';

const Found = z.object({
  named: z.string(),
  image: z.string(),
  status: z.string(),
  since: z.string(),
  digests: z.array(z.string()).nullable().default(null),
  labels: z.record(z.string(), z.string()).nullable().default(null),
});

const container =
  '{"named":{{json .Config.Image}},"image":{{json .Image}},"status":{{json .State.Status}},"since":{{json .State.StartedAt}}}';

/** The image of a container may have been removed while it runs; then only its id is known. */
const looking = `${dockerPrelude}docker container inspect --format '${container}' -- "$1" 2>/dev/null || { echo null; exit 0; }
docker image inspect --format '{"digests":{{json .RepoDigests}},"labels":{{json .Config.Labels}}}' -- \\
  "$(docker container inspect --format '{{.Image}}' -- "$1")" 2>/dev/null || echo '{}'`;

/** Records which image a container runs now, or that there is none; its evidence is what a rollback starts from. */
export const dockerRunning = defineStep({
  uses: 'docker/running',
  summary: 'It is recorded which image a container runs now.',
  with: z.strictObject({ host: HostName, container: ContainerName }),
  timeout: '1m',
  check: async (wanted, context) => {
    const host = hostNamed(wanted.host, context);
    const where = hostPlace(host);
    const words = ['sh', '-c', looking, 'sh', wanted.container];
    const { exit, stdout, stderr } = await runOn(host, { words, as: 'root', limit: 45_000 }, context);
    const trouble = dockerTrouble(host, 'root', exit);
    if (trouble) throw trouble;
    if (exit !== 0)
      throw new Failure('command-failed', `docker inspect on ${where} failed: ${lastLines(stderr)}`);
    const asked = `docker inspect ${wanted.container}: which image runs`;
    const [about = '', image = '{}'] = stdout.trim().split('\n');
    if (about === 'null') return satisfied({ asked, of: where, answered: 'there is no such container' });
    const found = Found.parse({
      ...z.record(z.string(), z.unknown()).parse(JSON.parse(about)),
      ...z.record(z.string(), z.unknown()).parse(JSON.parse(image)),
    });
    const answered = [
      `image ${found.image}`,
      `named ${found.named}`,
      `digests ${found.digests?.join(', ') || 'none, it was never pushed or pulled'}`,
      `revision ${found.labels?.['org.opencontainers.image.revision'] ?? 'not told'}`,
      `${found.status} since ${found.since}`,
    ].join('\n');
    return satisfied({ asked, of: where, answered });
  },
});
