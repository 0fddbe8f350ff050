import type { CrashWorld } from './crash-world.ts';

/** The plan of the crash tests: phases side by side, a gate, a question, steps side by side, a wait. */
export function crashPlan({ mark, databasePrefix }: CrashWorld): unknown {
  const made = (id: string) => ({ id, ...(mark(`\${VERSION}-${id}`) as object) });
  return {
    name: 'test',
    title: 'Crash plan',
    phases: [
      { id: 'files', title: 'Files', steps: [made('first'), made('second')] },
      {
        id: 'data',
        title: 'Data',
        steps: [
          {
            id: 'database',
            uses: 'postgres/database',
            with: { server: `\${WORLD_URL}`, name: `${databasePrefix}\${VERSION}` },
          },
        ],
      },
      {
        id: 'launch',
        title: 'Launch',
        needs: ['files', 'data'],
        gate: { approvals: { approvers: 1 } },
        steps: [
          made('before'),
          { id: 'look', uses: 'people/confirm', with: { prompt: 'Is it green?', from: ['oncall'] } },
          made('after'),
        ],
      },
      {
        id: 'wide',
        title: 'Wide',
        needs: ['launch'],
        parallel: true,
        steps: [made('left'), made('middle'), made('right')],
      },
      {
        id: 'late',
        title: 'Late',
        needs: ['files'],
        steps: [{ id: 'wait', uses: 'wait/for', with: { duration: '2s' } }, made('last')],
      },
    ],
  };
}

const marks = ['first', 'second', 'before', 'after', 'left', 'middle', 'right', 'last'];

/** The names of the marks and of the database that a run of this version makes. */
export function wantedOf(
  { databasePrefix }: CrashWorld,
  version: string,
): { readonly marks: readonly string[]; readonly database: string } {
  return { marks: marks.map((id) => `${version}-${id}`), database: `${databasePrefix}${version}` };
}
