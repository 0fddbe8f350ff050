import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { WebClient } from '@slack/web-api';
import { startWorkspace, type Workspace } from '../../rehearsal/slack/workspace.ts';
import type { Incident } from '../../src/incidents/incident.ts';
import type { IncidentSettings } from '../../src/incidents/settings.ts';
import { type Declaration, type Incidents, openIncidents } from '../../src/response/incidents.ts';
import { roomWork } from '../../src/response/room.ts';
import { peopleToInvite } from '../../src/response/room-people.ts';
import { roomSlack } from '../../src/response/room-slack.ts';
import { type UpkeepParts, upkeepRooms } from '../../src/response/room-upkeep.ts';
import { alice, incidentSettings } from './incident-settings.ts';
import { type WalkSite, walkSite } from './walk-site.ts';

/** Incidents on a database of their own before the strict gateway, without a bot and without a queue. */
export interface IncidentSite extends WalkSite {
  readonly workspace: Workspace;
  /** The bot's side of Slack. */
  readonly client: WebClient;
  readonly incidents: Incidents;
  readonly settings: IncidentSettings;
  /** Who is on call; may be changed. */
  readonly duty: { now: () => Promise<readonly string[]> };
  /** What was warned of. */
  readonly warnings: unknown[];
  readonly declare: (more?: Partial<Declaration>) => Promise<Incident>;
  /** Works on the job that makes the incident's channel, as the queue would, once. */
  readonly makeRoom: (incident: string) => Promise<Incident>;
  /** Looks over the channels of incidents once. */
  readonly upkeep: (alerts?: UpkeepParts['alerts']) => Promise<void>;
  /** Everybody in a channel. */
  readonly members: (channel: string) => Promise<readonly string[]>;
}

export async function incidentSite(more: Partial<IncidentSettings> = {}): Promise<IncidentSite> {
  const settings = { ...incidentSettings, ...more };
  const dir = await mkdtemp(join(tmpdir(), 'slipway-incidents-'));
  const [site, workspace] = await Promise.all([walkSite(), startWorkspace({ dir })]);
  const duty: IncidentSite['duty'] = { now: async () => ['U0BOB'] };
  const warnings: unknown[] = [];
  const log = { warn: (...told: unknown[]) => void warnings.push(told) };
  const people = {
    settings,
    log,
    onDuty: () => duty.now(),
    members: async () => ['U0CAROL'],
  };
  const incidents = openIncidents({ ...people, ...site });
  const client = new WebClient(workspace.env.SLACK_BOT_TOKEN, {
    slackApiUrl: workspace.gateway.url,
    retryConfig: { retries: 0 },
    rejectRateLimitedCalls: true,
    timeout: 5_000,
  });
  const slack = roomSlack(client, () => Date.now());
  const room = roomWork({ incidents, settings, slack, invited: () => peopleToInvite(people, 5_000) });
  const find = async (id: string): Promise<Incident> => {
    const incident = await incidents.find(id);
    if (incident === undefined) throw new Error(`there is no incident ${id}`);
    return incident;
  };
  return {
    ...site,
    workspace,
    client,
    incidents,
    settings,
    duty,
    warnings,
    declare: async (given = {}) => {
      const declared = await incidents.declare({
        key: randomUUID(),
        title: 'Payments fail',
        severity: 'high',
        commander: 'U0ALICE',
        from: { channel: 'C0ALERTS' },
        groups: [],
        runs: [],
        by: alice,
        ...given,
      });
      if (!declared.ok) throw new Error(`${declared.refusal.code} ${declared.refusal.detail}`);
      return declared.state;
    },
    makeRoom: async (id) => {
      await room({ incident: id, turn: (await find(id)).room.turn });
      return find(id);
    },
    upkeep: async (alerts) =>
      upkeepRooms({
        pool: site.store.pool,
        slack,
        link: async (channel, ts) => `https://slack.example/${channel}/${ts}`,
        alerts,
        runs: site.runs,
        closing: new AbortController().signal,
        log,
      }),
    members: async (channel) => (await client.conversations.members({ channel })).members ?? [],
    close: async () => {
      await workspace.stop();
      await site.close();
      await rm(dir, { recursive: true, force: true });
    },
  };
}
