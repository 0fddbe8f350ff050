import { z } from 'zod';
import { Failure } from '../errors.ts';
import type { Incident, Notice } from '../incidents/incident.ts';
import type { StatusPage } from '../incidents/settings.ts';
import type { Publisher } from './notices.ts';
import { type Answered, call, refusedWith } from './status-page-call.ts';

/** An incident as Statuspage answers with it; our mark says which incident here it is, and what was told of it last. */
const PageIncident = z.object({
  id: z.string().regex(/^[A-Za-z0-9]{1,60}$/),
  metadata: z
    .object({ slipway: z.object({ incident: z.string(), notice: z.number() }) })
    .optional()
    .catch(undefined),
});

type PageIncident = z.infer<typeof PageIncident>;

/** How many of the newest incidents are looked through for one that we made; Statuspage gives no more at once. */
const looked = 100;

/**
 * Statuspage (https://developer.statuspage.io): the first notice makes an incident, each later one updates it. Before anything is
 * said it is looked whether it has been said already, since the answer may have been lost: the incident's metadata tells.
 */
export function statuspage(
  { api, page, token }: Extract<StatusPage, { page: string }>,
  limit: number,
): Publisher {
  const incidents = `${api.replace(/\/+$/, '')}/v1/pages/${page}/incidents`;
  const ask = async (method: 'GET' | 'POST' | 'PATCH', url: string, body?: object): Promise<Answered> => {
    const answered = await call({
      method,
      url,
      headers: {
        authorization: `OAuth ${token.reveal()}`,
        accept: 'application/json',
        'user-agent': 'slipway',
        ...(body !== undefined && { 'content-type': 'application/json' }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
      limit,
    });
    // What it says of a refusal is shown to people.
    return { ...answered, text: answered.text.replaceAll(token.reveal(), String(token)) };
  };

  const known = async ({ id, page: known }: Incident): Promise<PageIncident | undefined> => {
    if (known !== undefined) {
      const answered = await ask('GET', `${incidents}/${encodeURIComponent(known)}`);
      // Somebody has removed it there: what is told now begins anew.
      if (answered.status !== 404) return read(answered, PageIncident);
    }
    const all = read(await ask('GET', `${incidents}?limit=${looked}`), z.array(z.unknown()));
    return all
      .flatMap((one) => PageIncident.safeParse(one).data ?? [])
      .find(({ metadata }) => metadata?.slipway.incident === id);
  };

  return {
    publish: async (incident, notice) => {
      const there = await known(incident);
      if ((there?.metadata?.slipway.notice ?? 0) >= notice.number) return there?.id;
      const body = bodyOf(incident, notice);
      const answered =
        there === undefined
          ? await ask('POST', incidents, body)
          : await ask('PATCH', `${incidents}/${there.id}`, body);
      return read(answered, PageIncident).id;
    },
  };
}

function bodyOf({ id, title }: Incident, { number, status, text }: Notice): object {
  return {
    incident: { name: title, status, body: text, metadata: { slipway: { incident: id, notice: number } } },
  };
}

function read<Shape extends z.ZodType>(answered: Answered, shape: Shape): z.output<Shape> {
  if (answered.status < 200 || answered.status > 299) throw refusedWith(answered);
  const { success, data } = shape.safeParse(parsed(answered.text));
  if (success) return data;
  throw new Failure('status-page-refused', 'The status page answered with something that is no incident.');
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
