import type { AlertSeverity } from '../../../alerts/alert.ts';
import { messageKeyOf } from '../../../alerts/board.ts';
import type { Incident, IncidentSeverity } from '../../../incidents/incident.ts';
import { placesOf } from '../../../store/surfaces.ts';
import { nameOf, summaryOf } from '../../blocks/alerts/group-words.ts';
import type { DeclareReference } from '../../blocks/incidents/incident-reference.ts';
import { versionText } from '../../blocks/titles.ts';
import type { BotParts } from '../../bot-parts.ts';
import { alertsOf } from '../alerts/group-command.ts';

/** What an incident is declared about from a button: where it stood, and what belongs to it. */
export interface DeclareSubject extends Pick<Incident, 'from' | 'groups' | 'runs'> {
  /** Equal keys are one incident. */
  readonly key: string;
  readonly title: string;
  readonly severity?: IncidentSeverity;
  /** The incident that it belongs to already. */
  readonly incident?: { readonly number: number; readonly channel: string };
}

const severityOf: Readonly<Record<AlertSeverity, IncidentSeverity>> = {
  critical: 'critical',
  error: 'high',
  warning: 'medium',
  info: 'low',
};

/** What a button says that an incident is about, as it stands now; undefined when it is not there any more. */
export async function subjectOf(bot: BotParts, about: DeclareReference): Promise<DeclareSubject | undefined> {
  return 'run' in about ? ofRun(bot, about.run) : ofGroup(bot, about);
}

async function ofGroup(
  bot: BotParts,
  { group: id, round }: { readonly group: string; readonly round: number },
): Promise<DeclareSubject | undefined> {
  const alerts = alertsOf(bot);
  const group = await alerts.find(id);
  if (group === undefined || group.round !== round) return undefined;
  const [episodes, thread] = await Promise.all([
    alerts.episodes(group, 20),
    threadOf(bot, id, messageKeyOf(group)),
  ]);
  const { incident } = group;
  return {
    key: `${id}-${round}`,
    title: (summaryOf(group, episodes) || nameOf(group, episodes)).slice(0, 150),
    severity: severityOf[group.routing.severity],
    from: { channel: group.routing.channel, ...(thread !== undefined && { thread }) },
    groups: [{ group: id, round }],
    runs: [...new Set(group.related.map(({ run }) => run))],
    ...(incident?.round === round && { incident }),
  };
}

async function ofRun(bot: BotParts, id: string): Promise<DeclareSubject | undefined> {
  const run = await bot.runs.find(id);
  if (run === undefined) return undefined;
  const { channel } = bot.runs.environment(run.environment);
  const thread = await threadOf(bot, id, 'card');
  return {
    key: id,
    title: `Trouble with ${versionText(run)} in ${run.environment}`,
    from: { channel, ...(thread !== undefined && { thread }) },
    groups: [],
    runs: [id],
    ...(run.incident !== undefined && { incident: run.incident }),
  };
}

async function threadOf({ runs }: BotParts, stream: string, key: string): Promise<string | undefined> {
  const places = await placesOf(runs.parts.pool, stream);
  return places.find((place) => place.key === key)?.ts ?? undefined;
}
