import { z } from 'zod';
import { Failure } from '../../errors.ts';
import { Account } from '../host/file-parameters.ts';
import { hostNamed, hostPlace } from '../ssh/ssh-connection.ts';
import { runOn } from '../ssh/ssh-run.ts';
import { defineStep, HostName, satisfied, unsatisfied } from '../step.ts';
import { dockerPrelude, dockerTrouble } from './docker-access.ts';

const Minimum = z.string().regex(/^>=\d+(\.\d+){0,2}$/, 'a minimum version such as >=20');

/** The part of `docker version --format json` that is looked at, https://docs.docker.com/reference/cli/docker/version/ */
const Version = z.object({
  Client: z.object({ Version: z.string() }),
  Server: z.object({ Version: z.string(), ApiVersion: z.string().optional() }),
});

const looking = `${dockerPrelude}docker version --format '{{json .}}' || exit 1
docker compose version --short 2>/dev/null || docker-compose version --short 2>/dev/null || echo none`;

/** Docker's engine answers an account on a host and is new enough; Compose is looked at when a version of it is asked for. */
export const dockerEngine = defineStep({
  uses: 'docker/engine',
  summary: 'The Docker engine of a host answers and is new enough.',
  with: z.strictObject({
    host: HostName,
    version: Minimum.default('>=20'),
    compose: Minimum.optional().meta({
      description: 'the same for Docker Compose, as a plugin or by itself',
    }),
    as: Account.default('root').meta({ description: 'the account that is to use Docker' }),
  }),
  timeout: '1m',
  check: async ({ version, compose, as, ...wanted }, context) => {
    const host = hostNamed(wanted.host, context);
    const where = hostPlace(host);
    const { exit, stdout } = await runOn(host, { words: ['sh', '-c', looking], as, limit: 45_000 }, context);
    const asked = `docker version${compose === undefined ? '' : ', docker compose version'} as ${as}`;
    const trouble = dockerTrouble(host, as, exit);
    if (trouble) return unsatisfied(trouble.message, { asked, of: where, answered: `exit code ${exit}` });
    const [first = '', composed = ''] = stdout.trim().split('\n');
    const about = Version.safeParse(parsed(first));
    if (exit !== 0 || !about.success) {
      throw new Failure(
        'command-failed',
        `docker version on ${where} told nothing that could be read (exit code ${exit}).`,
      );
    }
    const { Client, Server } = about.data;
    const evidence = {
      asked,
      of: where,
      answered: `engine ${Server.Version}, client ${Client.Version}${compose === undefined ? '' : `, compose ${composed}`}`,
    };
    if (below(Server.Version, version)) {
      return unsatisfied(`${where} runs Docker ${Server.Version}, wanted is ${version}.`, evidence);
    }
    if (compose !== undefined && composed === 'none') {
      return unsatisfied(`There is no Docker Compose on ${where}, wanted is ${compose}.`, evidence);
    }
    if (compose !== undefined && below(composed, compose)) {
      return unsatisfied(`${where} has Docker Compose ${composed}, wanted is ${compose}.`, evidence);
    }
    return satisfied(evidence);
  },
});

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Debian's versions carry letters after the numbers, such as 20.10.24+dfsg1; Compose's may begin with a v. */
function below(found: string, minimum: string): boolean {
  const numbers = (text: string) => (/\d+(?:\.\d+)*/.exec(text)?.[0] ?? '0').split('.').map(Number);
  const [has, wants] = [numbers(found), numbers(minimum)];
  const at = wants.findIndex((number, index) => number !== (has[index] ?? 0));
  return at >= 0 && (has[at] ?? 0) < (wants[at] ?? 0);
}
