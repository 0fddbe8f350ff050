interface Estimated {
  readonly id: string;
  readonly needs: readonly string[];
  readonly estimate?: number | undefined;
}

/** How long phases may take, in milliseconds: one after another, and side by side as far as their needs allow (the longest path, by ids). */
export interface Estimate {
  readonly sum: number;
  readonly criticalPath: number;
  readonly path: readonly string[];
}

/** Adds up the phases' own estimates, a phase without one counting as nothing; a need that does not exist or would close a circle is left out. */
export function estimateOf(phases: readonly Estimated[]): Estimate {
  const byId = new Map(phases.map((phase) => [phase.id, phase]));
  const done = new Map<string, { span: number; path: readonly string[] }>();
  const inside = new Set<string>();

  const longestTo = (phase: Estimated): { span: number; path: readonly string[] } => {
    const known = done.get(phase.id);
    if (known !== undefined) return known;
    inside.add(phase.id);
    let longest: { span: number; path: readonly string[] } = { span: 0, path: [] };
    for (const id of phase.needs) {
      const need = byId.get(id);
      if (need === undefined || inside.has(id)) continue;
      const before = longestTo(need);
      if (before.span > longest.span || longest.path.length === 0) longest = before;
    }
    inside.delete(phase.id);
    const result = { span: longest.span + (phase.estimate ?? 0), path: [...longest.path, phase.id] };
    done.set(phase.id, result);
    return result;
  };

  const longest = phases.map(longestTo).reduce((a, b) => (b.span > a.span ? b : a), { span: 0, path: [] });
  return {
    sum: phases.reduce((total, { estimate }) => total + (estimate ?? 0), 0),
    criticalPath: longest.span,
    path: longest.path,
  };
}
