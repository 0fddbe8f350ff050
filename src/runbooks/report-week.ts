import { faceAt, instantOf } from '../alerts/wall-clock.ts';

/** When reports are due: `day` counts from 1, Monday; `minute` after midnight in the zone. */
export interface ReportTime {
  readonly day: number;
  readonly minute: number;
  readonly timeZone: string;
}

/** One report that is due: the id of its stream, and when, in milliseconds since 1970. */
export interface DueReport {
  readonly id: string;
  readonly due: number;
}

const day = 86_400_000;
const week = 7 * day;

/** The newest report that is due at an instant, and the next one. */
export function reportsAround(
  time: ReportTime,
  now: number,
): { readonly last: DueReport; readonly next: DueReport } {
  const face = faceAt(time.timeZone, now);
  const midnight = face - (((face % day) + day) % day);
  // 1970 began on a Thursday.
  const weekday = ((((midnight / day + 3) % 7) + 7) % 7) + 1;
  const dueFace = midnight + (time.day - weekday) * day + time.minute * 60_000;
  const at = (own: number): DueReport => ({ id: reportId(own), due: instantOf(time.timeZone, own) });
  const here = at(dueFace);
  return here.due > now ? { last: at(dueFace - week), next: here } : { last: here, next: at(dueFace + week) };
}

/** `report-2026-w47`: the ISO 8601 week of a wall clock's face, which belongs to the year of its Thursday. */
function reportId(face: number): string {
  const days = Math.floor(face / day);
  const thursday = days - ((((days + 3) % 7) + 7) % 7) + 3;
  const year = new Date(thursday * day).getUTCFullYear();
  const number = Math.floor((thursday - Date.UTC(year, 0, 1) / day) / 7) + 1;
  return `report-${year}-w${String(number).padStart(2, '0')}`;
}
