import { mkdtemp, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Registry, startRegistry } from '../../rehearsal/registry/registry.ts';
import { makeRepository, type Repository } from '../../rehearsal/registry/repository.ts';
import { describeWith } from '../support/parts.ts';
import { type Slipway, startSlipway } from '../support/slipway.ts';
import { type Crew, crewOf, read } from './acting.ts';
import { gate, phase, planOf, posts, taken } from './plans.ts';
import { startTarget, type Target } from './target.ts';

describeWith('local-slack', 'a version from a repository', () => {
  let dir: string;
  let repository: Repository;
  let registry: Registry;
  let target: Target;
  let slipway: Slipway;
  let crew: Crew;

  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'slipway-versions-'));
    repository = await makeRepository(join(dir, 'repository'));
    registry = await startRegistry({ name: 'crew/shop', door: 'token' });
    target = await startTarget();
    const told = (id: string, path: string) => posts(`${target.url}${path}`, { id });
    const plan = planOf(
      [
        phase('first', 'First', [told('first', `/first/${taken('COMMIT')}`)]),
        phase('main', 'Main work', [told('commit', `/main/${taken('COMMIT')}/${taken('IMAGE_DIGEST')}`)], {
          needs: ['first'],
          ...gate(),
        }),
      ],
      {
        rollback: {
          high: {
            phases: [
              phase('back', 'Back', [
                told('back', `/back/${taken('PREVIOUS_COMMIT')}/${taken('PREVIOUS_IMAGE_DIGEST')}`),
              ]),
            ],
          },
        },
      },
    );
    slipway = await startSlipway({
      plan,
      secrets: { REGISTRY: 'registry-password' },
      source: {
        repository: repository.url,
        image: `${registry.host}/crew/shop`,
        registry: { user: 'robot', password: { env: 'TEST_REGISTRY' } },
      },
    });
    crew = crewOf(slipway);
  });

  afterEach(async () => {
    await slipway?.stop();
    await target?.stop();
    await registry?.stop();
    await rm(dir, { recursive: true, force: true });
  });

  test('stays what it was when it was asked for, and a rollback starts what was there before', async () => {
    const one = await repository.git('rev-parse', 'HEAD');
    const imageOne = registry.push('main');

    await crew.deploy('alice', 'plan production main');
    const preview = await crew.told('alice', 'Main work');
    await crew.deploy('alice', 'production main');
    const card = await crew.card('waiting for people');
    const two = await repository.commit();
    const imageTwo = registry.push('main');
    await crew.press('bob', 'Approve');
    await crew.card('succeeded');
    await crew.deploy('alice', 'production main');
    await crew.press('bob', 'Approve', two.slice(0, 7));
    const last = await crew.card('succeeded', two.slice(0, 7));
    await crew.deploy('carol', 'history');
    const history = await crew.told('carol', 'Last deployments');
    await crew.fillIn('carol', 'Roll back', { severity: 'high', reason: 'It burns.' }, two.slice(0, 7));
    await crew.card('rolled back');

    expect(read(preview)).toContain(`main (${one.slice(0, 7)}) to *production*`);
    expect(read(card)).toContain(`main (${one.slice(0, 7)})`);
    expect(read(card)).toContain(imageOne.slice(0, 19));
    expect(read(last)).toContain(`Before: \`main (${one.slice(0, 7)})\``);
    expect(read(history)).toMatch(
      new RegExp(`main \\(${two.slice(0, 7)}\\)[\\s\\S]*main \\(${one.slice(0, 7)}\\)`),
    );
    expect(target.asked.filter((line) => line.startsWith('POST'))).toEqual([
      `POST /first/${one}`,
      `POST /main/${one}/${imageOne}`,
      `POST /first/${two}`,
      `POST /main/${two}/${imageTwo}`,
      `POST /back/${one}/${imageOne}`,
    ]);
    expect(slipway.workspace.gateway.violations).toEqual([]);
  });

  test('that nobody knows is refused with near tags, and nothing begins', async () => {
    await repository.git('tag', 'v2.4.0');
    await repository.git('tag', 'v2.4.1');
    await repository.git('branch', 'v2.4.1');
    registry.push('v2.4.1');

    await crew.deploy('alice', 'production v2.4.2');
    const refusal = await crew.told('alice', 'There is no such version');
    await crew.deploy('bob', 'production v2.4.2');
    const forbidden = await crew.told('bob', 'right to deploy');
    await crew.deploy('alice', 'production v2.4.0');
    const imageless = await crew.told('alice', 'has no tag v2.4.0');

    expect(read(refusal)).toContain('v2.4.1');
    expect(read(forbidden)).not.toContain('v2.4.1');
    expect(read(imageless)).toContain('did you mean "v2.4.1"?');
    const shownToAll = slipway.people
      .messages('production')
      .filter(({ ephemeral_to }) => ephemeral_to === undefined);
    expect(shownToAll).toEqual([]);
    expect(target.asked).toEqual([]);
    expect(slipway.workspace.gateway.violations).toEqual([]);
  });

  test('is refused while the repository is away, and taken when it is back', async () => {
    await repository.git('tag', 'v1');
    await repository.git('branch', 'v1');
    registry.push('v1');
    await rename(repository.dir, `${repository.dir}-away`);

    await crew.deploy('alice', 'production v1');
    const refusal = await crew.told('alice', 'does not answer as it should');
    await rename(`${repository.dir}-away`, repository.dir);
    await crew.deploy('alice', 'production v1');
    await crew.press('bob', 'Approve');
    await crew.card('succeeded');

    expect(read(refusal)).toContain('git ls-remote');
    expect(slipway.workspace.gateway.violations).toEqual([]);
  });

  test('that is a tag and a branch is the tag, and whoever asked is told', async () => {
    const tagged = await repository.git('rev-parse', 'HEAD');
    await repository.git('tag', 'v1');
    await repository.commit();
    await repository.git('branch', 'v1');
    registry.push('v1');

    await crew.deploy('alice', 'production v1');
    const note = await crew.told('alice', 'both a tag and a branch');
    await crew.deploy('carol', 'production v1');
    const busy = await crew.told('carol', 'holds');
    await crew.press('bob', 'Approve');
    await crew.card('succeeded');

    expect(read(note)).toContain(tagged.slice(0, 7));
    expect(read(busy)).toContain(`v1 (${tagged.slice(0, 7)})`);
    expect(target.asked).toContain(`POST /first/${tagged}`);
    expect(slipway.workspace.gateway.violations).toEqual([]);
  });
});
