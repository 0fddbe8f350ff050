import type { Logger } from 'pino';
import { sha256 } from '../canonical.ts';
import type { Runs } from '../engine/runs.ts';
import type { IncidentCommand } from '../incidents/commands.ts';
import type { IncidentEvent } from '../incidents/events.ts';
import type { Incident } from '../incidents/incident.ts';
import type { IncidentRecord } from '../incidents/record.ts';
import type { IncidentSettings } from '../incidents/settings.ts';
import type { Handled } from '../store/handle.ts';
import { handle } from '../store/handle.ts';
import { openStreams } from '../store/record.ts';
import { load } from '../store/streams.ts';
import { incidentRecord } from './incident-record.ts';
import { incidentRules } from './incident-rules.ts';
import { incidentInChannel, incidentNumbered, newIncidentNumber } from './incident-streams.ts';
import { roomName } from './room-name.ts';
import { peopleToInvite } from './room-people.ts';
import type { Walkthroughs } from './walkthroughs.ts';

type Declare = Extract<IncidentCommand, { type: 'Declare' }>;

/** What an incident is declared with; equal keys are one incident. */
export interface Declaration
  extends Pick<Declare, 'title' | 'severity' | 'commander' | 'from' | 'groups' | 'runs' | 'by'> {
  /** Of an alert group its id and round, else the id of the dialogue. */
  readonly key: string;
}

/** Incidents as everything else in the process sees them: commands in, states out. */
export interface Incidents {
  readonly settings: IncidentSettings;
  /** Declares one; one that is known already refuses and says where it is. Never waits long for those who are to be invited. */
  readonly declare: (declaration: Declaration) => Promise<Handled<Incident, IncidentEvent>>;
  /** Brings a command to one and commits before it returns. */
  readonly handle: (incident: string, command: IncidentCommand) => Promise<Handled<Incident, IncidentEvent>>;
  readonly find: (incident: string) => Promise<Incident | undefined>;
  /** The incident of this number. */
  readonly numbered: (number: number) => Promise<Incident | undefined>;
  /** The incident whose channel this is. */
  readonly inChannel: (channel: string) => Promise<Incident | undefined>;
  /** Those that are not resolved or whose review is not done, the newest first. */
  readonly open: () => Promise<readonly Incident[]>;
  /** Everything that the record says of it and of what is linked to it. */
  readonly recordOf: (incident: Incident) => Promise<IncidentRecord>;
}

/** What incidents are built from. */
export interface IncidentParts {
  readonly runs: Runs;
  readonly walkthroughs: Pick<Walkthroughs, 'runbookOf'>;
  readonly settings: IncidentSettings;
  /** Who is on call now in a schedule of `alerts`, by Slack user ids. */
  readonly onDuty: (schedule: string) => Promise<readonly string[]>;
  /** The members of a group of slipway.yaml. */
  readonly members: (group: string) => Promise<readonly string[]>;
  readonly log: Pick<Logger, 'warn'>;
}

/** How long whoever declares an incident waits until it is known who is on call, in milliseconds. */
const invitePatience = 1_500;

/** PostgreSQL's `integer` ends here. */
const largestNumber = 2 ** 31 - 1;

/** Binds the rules of incidents to the store and the configuration. */
export function openIncidents(parts: IncidentParts): Incidents {
  const { runs, settings } = parts;
  const { pool, now, nudge } = runs.parts;
  const find = async (incident: string) => (await load<Incident>(pool, incident))?.state;
  const handleOne: Incidents['handle'] = async (incident, command) => {
    const handled = await handle(pool, incidentRules, incident, command, now());
    if (handled.ok && handled.events.length > 0) nudge(handled.due ?? now());
    return handled;
  };
  return {
    settings,
    declare: async ({ key, title, ...declaration }) => {
      const id = `incident-${sha256(key).slice(0, 16)}`;
      const isNew = declaration.by.may.includes('declare') && (await find(id)) === undefined;
      const [number, invite] = isNew
        ? await Promise.all([newIncidentNumber(pool), peopleToInvite(parts, invitePatience)])
        : [0, []];
      return handleOne(id, {
        type: 'Declare',
        id,
        number,
        title,
        roomName: roomName(settings.prefix, number, title),
        invite,
        ruling: settings.ruling,
        ...declaration,
      });
    },
    handle: handleOne,
    find,
    numbered: async (number) =>
      Number.isInteger(number) && number > 0 && number <= largestNumber
        ? incidentNumbered(pool, number)
        : undefined,
    inChannel: (channel) => incidentInChannel(pool, channel),
    open: async () => (await openStreams<Incident>(pool, 'incident')).toReversed(),
    recordOf: (incident) => incidentRecord(parts, incident),
  };
}
