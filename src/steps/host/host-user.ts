import { z } from 'zod';
import { Failure } from '../../errors.ts';
import { hostNamed, hostPlace } from '../ssh/ssh-connection.ts';
import {
  defineStep,
  type Evidence,
  type Host,
  HostName,
  type StepContext,
  satisfied,
  unsatisfied,
} from '../step.ts';
import { unrecorded } from './file-in-place.ts';
import { AbsolutePath, Account } from './file-parameters.ts';
import { changeAccount, deleteGroup, deleteUser, makeHome } from './user-change.ts';
import { type AccountsFound, accountsOf, type UserState } from './user-state.ts';

const With = z.strictObject({
  host: HostName,
  name: Account,
  group: Account.optional().meta({ description: 'its first group; the one of the same name when left out' }),
  system: z.boolean().default(true).meta({
    description:
      'whether a new account gets a number below those of people; says nothing about one that is there',
  }),
  home: AbsolutePath.optional().meta({
    description: 'its home, made with mode 0750 when missing; not looked at when left out',
  }),
  shell: AbsolutePath.default('/usr/sbin/nologin'),
  groups: z.array(Account).optional().meta({
    description: 'its other groups, exactly these; they must exist; not looked at when left out',
  }),
});
type With = z.output<typeof With>;

const Before = z.object({
  group: z.string(),
  home: z.string(),
  shell: z.string(),
  groups: z.array(z.string()),
});

const Remembered = z.object({
  madeUser: z.boolean(),
  madeGroup: z.boolean(),
  /** The home and what is above it, the outermost first. */
  madeDirectories: z.array(z.string()),
  /** How the account was, when it was there and was changed. */
  before: Before.nullable(),
});
type Remembered = z.output<typeof Remembered>;

/** An account and its groups are there as wanted. Undo removes what this run made, but no home that holds files. */
export const hostUser = defineStep({
  uses: 'host/user',
  summary: 'An account exists on a host with its groups, home and shell.',
  with: With,
  timeout: '2m',
  check: async (wanted, context) => {
    const host = hostNamed(wanted.host, context);
    const where = hostPlace(host);
    const found = await look(host, wanted, context);
    const wrong = faults(wanted, found);
    const evidence = {
      asked: `account ${wanted.name}, group ${firstGroup(wanted)}`,
      of: where,
      answered: found.user ? described(found.user) : 'no such account',
    };
    if (wrong.length === 0) return satisfied(evidence);
    return unsatisfied(`Account ${wanted.name} on ${where} ${wrong.join(', ')}.`, evidence);
  },
  apply: async (wanted, context) => {
    const host = hostNamed(wanted.host, context);
    const found = await look(host, wanted, context);
    requireGroups(wanted, found, host);
    const evidence: Evidence[] = [];
    const run = async (...words: string[]) => {
      await changeAccount(host, words, context);
      evidence.push({ asked: words.join(' '), of: hostPlace(host), answered: 'done' });
    };
    const system = wanted.system ? ['--system'] : [];
    const madeGroup = !found.knownGroups.includes(firstGroup(wanted));
    if (madeGroup) await run('groupadd', ...system, firstGroup(wanted));
    if (!found.user) await run('useradd', ...system, '--no-create-home', ...options(wanted), wanted.name);
    else if (changes(wanted, found.user).length > 0) await run('usermod', ...options(wanted), wanted.name);
    const madeDirectories = await homeFor(host, wanted, found, context);
    if (madeDirectories.length > 0) {
      evidence.push({ asked: 'make its home', of: hostPlace(host), answered: madeDirectories.join(', ') });
    }
    const remember: Remembered = {
      madeUser: !found.user,
      madeGroup,
      madeDirectories: [...madeDirectories],
      before: found.user && changes(wanted, found.user).length > 0 ? Before.parse(found.user) : null,
    };
    return { evidence, remember };
  },
  undo: async (wanted, context, remembered) => {
    const host = hostNamed(wanted.host, context);
    if (remembered === undefined) throw unrecorded(`account ${wanted.name}`, host);
    const { madeUser, madeGroup, madeDirectories, before } = Remembered.parse(remembered);
    const answered: string[] = [];
    if (madeUser) {
      await deleteUser(host, wanted.name, { hadGroup: !madeGroup, made: madeDirectories }, context);
      answered.push(`account ${wanted.name} removed`);
    } else if (before) {
      const { group, home, shell, groups } = before;
      await changeAccount(
        host,
        ['usermod', ...options({ group, home, shell, groups }), wanted.name],
        context,
      );
      answered.push(`account ${wanted.name} as before: ${described(before)}`);
    }
    if (madeGroup) {
      await deleteGroup(host, firstGroup(wanted), context);
      answered.push(`group ${firstGroup(wanted)} removed`);
    }
    const asked = `take account ${wanted.name} back`;
    return [{ asked, of: hostPlace(host), answered: answered.join('\n') || 'nothing had been changed' }];
  },
});

function look(host: Host, wanted: With, context: StepContext): Promise<AccountsFound> {
  return accountsOf(host, wanted.name, [firstGroup(wanted), ...(wanted.groups ?? [])], context);
}

function firstGroup({ name, group }: With): string {
  return group ?? name;
}

/** The options that useradd and usermod share; only the short ones have the same names. */
function options(to: Partial<Pick<With, 'name' | 'group' | 'home' | 'shell' | 'groups'>>): readonly string[] {
  const group = to.group ?? to.name;
  return [
    ...(group === undefined ? [] : ['-g', group]),
    ...(to.home === undefined ? [] : ['-d', to.home]),
    ...(to.shell === undefined ? [] : ['-s', to.shell]),
    ...(to.groups === undefined ? [] : ['-G', to.groups.join(',')]),
  ];
}

async function homeFor(host: Host, wanted: With, { user }: AccountsFound, context: StepContext) {
  const { home, name } = wanted;
  if (home === undefined || (user?.home === home && user.hasHome)) return [];
  return makeHome(host, { home, owner: name, group: firstGroup(wanted) }, context);
}

function faults(wanted: With, { user, knownGroups }: AccountsFound): readonly string[] {
  const missing = [firstGroup(wanted), ...(wanted.groups ?? [])]
    .filter((group) => !knownGroups.includes(group))
    .map((group) => `is to be in group ${group}, which does not exist`);
  if (!user) return ['does not exist', ...missing];
  const noHome = wanted.home !== undefined && wanted.home === user.home && !user.hasHome;
  return [...changes(wanted, user), ...missing, ...(noHome ? [`has no directory ${wanted.home}`] : [])];
}

function changes(wanted: With, user: UserState): readonly string[] {
  const wrong: string[] = [];
  const differs = (what: string, is: string, to: string) => {
    if (is !== to) wrong.push(`has ${what} ${is || 'none'}, wanted is ${to || 'none'}`);
  };
  differs('first group', user.group, firstGroup(wanted));
  if (wanted.home !== undefined) differs('home', user.home, wanted.home);
  differs('shell', user.shell, wanted.shell);
  if (wanted.groups) differs('other groups', user.groups.join(' '), wanted.groups.toSorted().join(' '));
  return wrong;
}

function requireGroups(wanted: With, { knownGroups }: AccountsFound, host: Host): void {
  const missing = (wanted.groups ?? []).filter((group) => !knownGroups.includes(group));
  if (missing.length === 0) return;
  throw new Failure(
    'not-found',
    `${hostPlace(host)} has no group ${missing.join(', ')}, in which ${wanted.name} is to be; install what brings it (host/package) or correct the plan.`,
  );
}

function described({ group, home, shell, groups }: Omit<UserState, 'hasHome'>): string {
  return `first group ${group}, home ${home}, shell ${shell}, other groups ${groups.join(' ') || 'none'}`;
}
