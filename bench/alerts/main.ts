import { rmSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startEmbeddedPostgres } from '../../src/store/embedded-postgres.ts';
import { type Figure, table } from '../figures.ts';
import { ingestFigures } from './ingest.ts';
import { toSlackFigures } from './to-slack.ts';

/** Parts of this measurement: each has a database of its own on one PostgreSQL. */
const parts: readonly {
  readonly title: string;
  readonly database: string;
  /** Gives figures, or why there are none. */
  readonly measure: (databaseUrl: string) => Promise<readonly Figure[] | string>;
}[] = [
  { title: 'Webhooks in, 100 senders at a time', database: 'ingest', measure: ingestFigures },
  {
    title: 'From Alertmanager to Slack, one group after the other',
    database: 'slack',
    measure: toSlackFigures,
  },
];

const dir = await mkdtemp(join(tmpdir(), 'slipway-bench-'));
// The server ends with this process; its folder would stay.
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    process.once('exit', () => rmSync(dir, { recursive: true, force: true }));
    process.exit(1);
  });
}
try {
  const databases = parts.map(({ database }) => database);
  const postgres = await startEmbeddedPostgres({ dir: join(dir, 'postgres'), databases });
  try {
    for (const { title, database, measure } of parts) {
      console.log(title);
      const figures = await measure(postgres.urlOf(database));
      console.log(`${typeof figures === 'string' ? figures : table(figures)}\n`);
    }
  } finally {
    await postgres.stop();
  }
} finally {
  await rm(dir, { recursive: true, force: true });
}
