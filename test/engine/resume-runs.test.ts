import { afterEach, expect, test } from 'vitest';
import { resumeRuns } from '../../src/engine/resume-runs.ts';
import { type Engine, planOf, startEngine } from '../support/engine.ts';

let engine: Engine;

afterEach(async () => {
  await engine.close();
});

test('a start is refused while a run has not ended whose environment is gone', async () => {
  const asks = { id: 'look', uses: 'people/confirm', with: { prompt: 'Well?', from: ['ops'] } };
  engine = await startEngine('postgres', planOf([{ id: 'first', steps: [asks] }]));
  const id = await engine.started();
  const { parts } = engine.runs;
  const runs = { ...engine.runs, parts: { ...parts, config: { ...parts.config, environments: {} } } };

  await expect(resumeRuns(runs)).rejects.toMatchObject({
    code: 'config-invalid',
    message: `${id} has not ended, but slipway.yaml has no environment production any more. Put it back until ${id} has ended.`,
  });
  await expect(resumeRuns(engine.runs)).resolves.toBeUndefined();
});
