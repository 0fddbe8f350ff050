/** A plan of phases that follow each other, each with steps that are already as wanted. */
export function idlePlan(phases: number, steps: number, gated: boolean): unknown {
  const ids = Array.from({ length: phases }, (_, index) => `phase-${index + 1}`);
  return {
    name: 'bench',
    title: 'Nothing to do',
    phases: ids.map((id, index) => ({
      id,
      title: `Phase ${index + 1}`,
      needs: ids.slice(Math.max(0, index - 1), index),
      ...(gated ? { gate: { approvals: { approvers: 1 } } } : {}),
      steps: Array.from({ length: steps }, (_, step) => ({
        id: `step-${step + 1}`,
        uses: 'wait/for',
        with: { duration: '0s' },
      })),
    })),
  };
}
