import { z } from 'zod';
import { Failure } from '../../errors.ts';
import { hostPlace } from '../ssh/ssh-connection.ts';
import type { Host } from '../step.ts';

/** Exit codes of the scripts that use Docker on a host, out of the range that shells and tools use. */
export const dockerExits = { noDocker: 41, noDaemon: 42, denied: 43 } as const;

/** Where Docker's command line finds the engine, https://docs.docker.com/reference/cli/dockerd/#daemon-socket-option */
const socket = '/var/run/docker.sock';

/** The beginning of a script that uses Docker: afterwards the engine has answered once, so that an error of a command is its own. */
export const dockerPrelude = `set -u
command -v docker >/dev/null || exit ${dockerExits.noDocker}
if ! docker version --format '{{.Server.Version}}' >/dev/null 2>&1; then
  [ ! -S ${socket} ] || [ -w ${socket} ] || exit ${dockerExits.denied}
  exit ${dockerExits.noDaemon}
fi
`;

/** Why Docker cannot be used by an account on a host, by the exit code of `dockerPrelude`; undefined for other codes. */
export function dockerTrouble(host: Host, as: string, exit: number): Failure | undefined {
  const where = hostPlace(host);
  if (exit === dockerExits.noDocker) {
    return new Failure('not-found', `There is no docker on ${where}; install it first (host/package).`);
  }
  if (exit === dockerExits.denied) {
    return new Failure(
      'permission-denied',
      `${as} may not use ${socket} on ${where}; add it to the group docker or use root.`,
    );
  }
  if (exit === dockerExits.noDaemon) {
    return new Failure(
      'connection-refused',
      `The Docker daemon on ${where} does not answer at ${socket}; start it (systemctl start docker) and look at its journal.`,
    );
  }
  return undefined;
}

/** The last lines that a command said, for the end of a sentence. */
export function lastLines(text: string): string {
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  return lines.slice(-3).join(' / ').slice(-400) || 'it said nothing';
}

/** The name of a repository of images, with the registry before it where there is one. */
export const ImageName = z
  .string()
  .regex(
    /^(?:[a-zA-Z0-9.-]+(?::\d+)?\/)?[a-z0-9]+(?:[._-]+[a-z0-9]+)*(?:\/[a-z0-9]+(?:[._-]+[a-z0-9]+)*)*$/,
    'the name of an image in small letters, without a tag',
  )
  .max(200);

/** The tag of an image, https://docs.docker.com/reference/cli/docker/image/tag/ */
export const ImageTag = z.string().regex(/^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$/, 'a tag such as 1.2.0');

/** The name of a container. */
export const ContainerName = z
  .string()
  .regex(/^[a-zA-Z0-9][a-zA-Z0-9_.-]{1,100}$/, 'the name of a container');
