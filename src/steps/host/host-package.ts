import { createHash } from 'node:crypto';
import { z } from 'zod';
import { Failure } from '../../errors.ts';
import { hostNamed, hostPlace } from '../ssh/ssh-connection.ts';
import { type Check, defineStep, type Evidence, HostName, satisfied, unsatisfied } from '../step.ts';
import { unrecorded } from './file-in-place.ts';
import {
  forgetPackageList,
  installPackages,
  PackageChange,
  removePackages,
  updatePackageLists,
} from './package-change.ts';
import { type PackageState, packageStates, type WantedPackage } from './package-state.ts';

/** Debian's rules for names (Policy, 5.6.1); apt would read a name that ends in a hyphen as one to remove. */
const Name = z.string().regex(/^[a-z0-9][a-z0-9+.-]*[a-z0-9+.]$/, 'the name of a Debian package');

const relations = { '<': 'lt', '<=': 'le', '=': 'eq', '>=': 'ge', '>': 'gt' } as const;

const Version = z
  .string()
  .regex(/^(<=|>=|<|=|>) ?[0-9][A-Za-z0-9.+~:-]*$/, "a relation and a version, such as '>=1.22'")
  .meta({ description: "a relation (<, <=, =, >=, >) and a version, such as '>=1.22'" });

const With = z.strictObject({
  host: HostName,
  packages: z
    .array(z.union([Name, z.strictObject({ name: Name, version: Version })]))
    .min(1)
    .meta({ description: 'names of Debian packages, or `{name, version}` with the versions that will do' }),
});
type With = z.output<typeof With>;

/** Debian packages are installed on a host. Undo removes what came with them and leaves their configuration files. */
export const hostPackage = defineStep({
  uses: 'host/package',
  summary: 'Debian packages are installed on a host.',
  with: With,
  timeout: '20m',
  check: async (wanted, context) => {
    const host = hostNamed(wanted.host, context);
    return judge(hostPlace(host), await packageStates(host, packagesOf(wanted), context));
  },
  apply: async (wanted, context) => {
    const host = hostNamed(wanted.host, context);
    const where = hostPlace(host);
    const evidence: Evidence[] = [];
    let missing = (await packageStates(host, packagesOf(wanted), context)).filter(({ isRight }) => !isRight);
    if (missing.some((one) => !canBeHad(one))) {
      const { exit } = await updatePackageLists(host, context);
      evidence.push({ asked: 'apt-get update', of: where, answered: `exit code ${exit}` });
      missing = (await packageStates(host, packagesOf(wanted), context)).filter(({ isRight }) => !isRight);
    }
    const [out] = missing.filter((one) => !canBeHad(one));
    if (out) throw notOffered(out, where);
    if (missing.length === 0) return { evidence, remember: { installed: [], upgraded: [] } };
    const packages = missing.map(({ name, relation, version }) =>
      relation === 'eq' ? `${name}=${version}` : name,
    );
    const key = keyOf(wanted);
    const change = await installPackages(host, packages, key, context);
    await forgetPackageList(host, key, context);
    evidence.push({
      asked: `apt-get install --no-install-recommends ${packages.join(' ')}`,
      of: where,
      answered: told(change),
    });
    return { evidence, remember: change };
  },
  undo: async (wanted, context, remembered) => {
    const host = hostNamed(wanted.host, context);
    if (remembered === undefined) throw unrecorded('the installed packages', host);
    const { installed, upgraded } = PackageChange.parse(remembered);
    if (installed.length > 0) await removePackages(host, installed, context);
    const where = hostPlace(host);
    if (upgraded.length > 0) {
      const which = upgraded.map(({ name, from, to }) => `${name} (${from} → ${to})`).join(', ');
      throw new Failure(
        'not-undone',
        `On ${where} these packages were upgraded and stay so: ${which}; what was new (${installed.join(', ') || 'nothing'}) is removed.`,
      );
    }
    const answered =
      installed.length === 0 ? 'nothing was new, nothing is removed' : 'removed, configuration left';
    return [{ asked: `apt-get remove ${installed.join(' ')}`.trim(), of: where, answered }];
  },
});

function judge(where: string, states: readonly PackageState[]): Check {
  const evidence = {
    asked: `packages ${states.map(asText).join(', ')}`,
    of: where,
    answered: states.map(({ name, installed }) => `${name} ${installed || 'is not installed'}`).join('\n'),
  };
  const wrong = states.filter(({ isRight }) => !isRight);
  if (wrong.length === 0) return satisfied(evidence);
  const faults = wrong.map((one) =>
    one.installed === ''
      ? `${one.name} is not installed`
      : `${one.name} has version ${one.installed}, wanted is ${asText(one)}`,
  );
  return unsatisfied(`On ${where} ${faults.join('; ')}.`, evidence);
}

/** A version named exactly may be an older one than the one that is offered first; apt finds it or says that it cannot. */
function canBeHad({ relation, candidate, isCandidateRight }: PackageState): boolean {
  return relation === 'eq' ? candidate !== '' : isCandidateRight;
}

function notOffered({ candidate, installed, ...wanted }: PackageState, where: string): Failure {
  const offered =
    candidate === '' ? `offer no package ${wanted.name}` : `offer ${wanted.name} ${candidate} only`;
  const there = installed === '' ? '' : `, installed is ${installed}`;
  return new Failure(
    'not-found',
    `The sources of ${where} ${offered}, wanted is ${asText(wanted)}${there}; add a source that has it, or correct the plan.`,
  );
}

function packagesOf({ packages }: With): readonly WantedPackage[] {
  return packages.map((one) => {
    if (typeof one === 'string') return { name: one, relation: '', version: '' };
    const [, sign = '=', version = ''] = /^(<=|>=|<|=|>) ?(.*)$/.exec(one.version) ?? [];
    const relation = Object.entries(relations).find(([known]) => known === sign)?.[1] ?? 'eq';
    return { name: one.name, relation, version };
  });
}

function asText({ name, relation, version }: WantedPackage): string {
  const sign = Object.entries(relations).find(([, word]) => word === relation)?.[0];
  return sign === undefined ? name : `${name} ${sign} ${version}`;
}

/** The same for each attempt at these packages. */
function keyOf({ packages }: With): string {
  return createHash('sha256').update(JSON.stringify(packages)).digest('hex').slice(0, 32);
}

function told({ installed, upgraded }: PackageChange): string {
  const lines = [`new: ${installed.join(', ') || 'none'}`];
  if (upgraded.length > 0) {
    lines.push(`upgraded: ${upgraded.map(({ name, from, to }) => `${name} ${from} → ${to}`).join(', ')}`);
  }
  return lines.join('\n');
}
