import { z } from 'zod';
import { incidentSeverities, openStatuses, roles } from '../../../incidents/incident.ts';

const Said = z.object({ value: z.string().nullish() }).transform(({ value }) => value?.trim() || undefined);
const Chosen = z
  .object({ selected_option: z.object({ value: z.string() }).nullish() })
  .transform(({ selected_option }) => selected_option?.value);
const Somebody = z
  .object({ selected_user: z.string().max(30).nullish() })
  .transform(({ selected_user }) => selected_user ?? undefined);
const Day = z
  .object({ selected_date: z.string().max(10).nullish() })
  .transform(({ selected_date }) => selected_date ?? undefined);

const Answers = z.object({
  title: z.object({ title: Said }).optional(),
  text: z.object({ text: Said }).optional(),
  where: z.object({ where: Said }).optional(),
  severity: z.object({ severity: Chosen.pipe(z.enum(incidentSeverities).optional()) }).optional(),
  status: z.object({ status: Chosen.pipe(z.enum(openStatuses).optional()) }).optional(),
  role: z.object({ role: Chosen.pipe(z.enum(roles).optional()) }).optional(),
  person: z.object({ person: Somebody }).optional(),
  due: z.object({ due: Day }).optional(),
});

/** What somebody put into a dialogue about an incident, trimmed; what was not asked or left empty is absent. */
export interface IncidentAnswers {
  readonly title?: string;
  readonly text?: string;
  readonly where?: string;
  readonly severity?: (typeof incidentSeverities)[number];
  readonly status?: (typeof openStatuses)[number];
  readonly role?: (typeof roles)[number];
  readonly person?: string;
  /** A day, `2026-11-29`. */
  readonly due?: string;
}

/** The inputs of a dialogue about an incident from its `view.state.values`, or undefined when it cannot have sent them. */
export function readIncident(values: unknown): IncidentAnswers | undefined {
  const { data } = Answers.safeParse(values);
  if (data === undefined) return undefined;
  const title = data.title?.title;
  const text = data.text?.text;
  const where = data.where?.where;
  const severity = data.severity?.severity;
  const status = data.status?.status;
  const role = data.role?.role;
  const person = data.person?.person;
  const due = data.due?.due;
  return {
    ...(title !== undefined && { title }),
    ...(text !== undefined && { text }),
    ...(where !== undefined && { where }),
    ...(severity !== undefined && { severity }),
    ...(status !== undefined && { status }),
    ...(role !== undefined && { role }),
    ...(person !== undefined && { person }),
    ...(due !== undefined && { due }),
  };
}
