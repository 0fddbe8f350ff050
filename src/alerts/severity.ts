import type { AlertSeverity, Labels } from './alert.ts';
import { severities } from './alert.ts';

/** What people write into a `severity` label besides the four names, and what they mean by it. */
const synonyms: Readonly<Record<AlertSeverity, readonly string[]>> = {
  critical: ['page', 'fatal', 'high', 'crit', 'emergency', 'emerg', 'disaster', 'p1', 'sev1'],
  error: ['err', 'major', 'p2', 'sev2'],
  warning: ['warn', 'medium', 'average', 'minor', 'ticket', 'p3', 'sev3'],
  info: ['information', 'informational', 'notice', 'low', 'none', 'debug', 'p4', 'sev4'],
};

/**
 * The severity that a `severity` label means, in any case: what `given` (keys in lower case) says, else the four names, else what people
 * commonly write (page, fatal, high, crit → critical; err, major → error; warn, minor, ticket → warning; low, none, notice → info),
 * else `warning`.
 */
export function severityOf(labels: Labels, given: Readonly<Record<string, AlertSeverity>>): AlertSeverity {
  const said = (Object.hasOwn(labels, 'severity') ? (labels.severity ?? '') : '').trim().toLowerCase();
  if (Object.hasOwn(given, said)) return given[said] ?? 'warning';
  const meant = severities.find((severity) => severity === said || synonyms[severity].includes(said));
  return meant ?? 'warning';
}
