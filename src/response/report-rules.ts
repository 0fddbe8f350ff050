import type { Report, ReportCommand, ReportEvent } from '../runbooks/report.ts';
import { decideReport, evolveReport } from '../runbooks/report.ts';
import type { Rules } from '../store/handle.ts';

/** The rules of reports, as streams are kept: one has ended as soon as it is written. */
export const reportRules: Rules<Report, ReportCommand, ReportEvent> = {
  kind: 'report',
  decide: decideReport,
  evolve: evolveReport,
  react: () => [],
  hasEnded: () => true,
  holds: () => null,
  drawDelay: () => 0,
};
