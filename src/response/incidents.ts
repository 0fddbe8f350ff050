import type { Pool } from 'pg';
import type { IncidentCommand } from '../incidents/commands.ts';
import type { IncidentEvent } from '../incidents/events.ts';
import type { Incident } from '../incidents/incident.ts';
import type { IncidentRecord } from '../incidents/record.ts';
import type { IncidentSettings } from '../incidents/settings.ts';
import type { Handled } from '../store/handle.ts';
import { handle } from '../store/handle.ts';
import { load } from '../store/streams.ts';
import { incidentRules } from './incident-rules.ts';

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
  readonly pool: Pool;
  readonly settings: IncidentSettings;
  readonly now: () => number;
  /** Called after each commit with the time when its first job may be handed over, in milliseconds since 1970. */
  readonly nudge: (due: number) => void;
  /** Who is on call now in a schedule of `alerts`, by Slack user ids. */
  readonly onDuty: (schedule: string) => Promise<readonly string[]>;
  /** The members of a group of slipway.yaml. */
  readonly members: (group: string) => Promise<readonly string[]>;
}

/** Binds the rules of incidents to the store and the configuration. */
export function openIncidents({ pool, settings, now, nudge }: IncidentParts): Incidents {
  return {
    settings,
    declare: async () => {
      throw new RangeError('an incident cannot be declared yet');
    },
    handle: async (incident, command) => {
      const handled = await handle(pool, incidentRules, incident, command, now());
      if (handled.ok && handled.events.length > 0) nudge(handled.due ?? now());
      return handled;
    },
    find: async (incident) => (await load<Incident>(pool, incident))?.state,
    numbered: async () => undefined,
    inChannel: async () => undefined,
    open: async () => [],
    recordOf: async (incident) => ({ incident, happenings: [], before: [] }),
  };
}
