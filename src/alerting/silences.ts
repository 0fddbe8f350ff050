import type { Labels } from '../alerts/alert.ts';
import type { Matcher } from '../alerts/group.ts';

/** An alert in Alertmanager at this moment; nothing in its labels may be trusted or shown unescaped. */
export interface MatchedAlert {
  readonly fingerprint: string;
  readonly labels: Labels;
}

/** Silences in the Alertmanagers of all sources, by the name of the source. */
export interface Silences {
  /**
   * The alerts that a silence with these matchers would match now, whether they are in the group or not. Throws
   * `alertmanager-unreachable`, `alertmanager-refused`, and `config-invalid` for a source without addresses.
   */
  readonly preview: (
    source: string,
    matchers: readonly Matcher[],
  ) => Promise<{ readonly matched: readonly MatchedAlert[] }>;
}
