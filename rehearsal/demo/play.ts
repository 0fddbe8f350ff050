import { verify } from '../../src/cli/audit.ts';
import type { Message } from '../slack/screen.ts';
import { type Audience, audienceOf } from './audience.ts';
import type { Demo } from './start-demo.ts';
import type { Story } from './story.ts';

const channel = 'production';
const good = 'v2.4.1';
const broken = 'v2.5.0-broken';

interface Scene extends Demo {
  readonly story: Story;
  readonly audience: Audience;
}

/**
 * Plays two deployments from the command to the end through Slack's own protocol; throws as soon as anything is not as it
 * should be.
 */
export async function play(demo: Demo, story: Story): Promise<void> {
  const scene: Scene = { ...demo, story, audience: audienceOf(demo.workspace.people, channel) };
  demo.world.fail('/api/payment/plans', 1);
  const first = await deploys(scene, good);
  await retries(scene, first);
  await confirms(scene, first);
  await ends(scene, first);
  const second = await deploys(scene, broken);
  await rollsBack(scene, second);
  await unlocks(scene);
  await proves(scene);
}

async function deploys({ workspace: { people }, story, audience }: Scene, version: string): Promise<Message> {
  story.stage(`The deployment of ${version}`);
  await people.command('alice', channel, '/deploy', `production ${version}`);
  story.did('alice', `types /deploy production ${version}`);
  const card = await audience.inChannel([version, 'Abort']);
  story.shows(`the card in #${channel}`, card);
  const gate = await audience.inThread(card, ['Approval needed', 'Approve']);
  story.shows('the gate in its thread', gate);
  story.did('alice', 'presses Approve');
  const refusal = await audience.told('alice', ['somebody else'], () =>
    people.click('alice', gate, 'Approve'),
  );
  story.shows('to alice alone', refusal);
  story.did('bob', 'presses Approve');
  await people.click('bob', gate, 'Approve');
  story.shows('the gate', await audience.inThread(card, ['Approved by @bob']));
  return card;
}

async function retries({ workspace: { people }, story, audience }: Scene, card: Message): Promise<void> {
  story.stage('A step fails and is tried again');
  const failure = await audience.inThread(card, ['Smoke tests failed', 'Retry']);
  story.shows('the failure in the thread', failure);
  story.did('alice', 'presses Retry');
  await people.click('alice', failure, 'Retry');
  story.shows('the same message', await audience.inThread(card, ['succeeded on retry']));
}

async function confirms({ workspace: { people }, story, audience }: Scene, card: Message): Promise<void> {
  story.stage('On-call signs off');
  const question = await audience.inThread(card, ['Answer needed', 'Confirm']);
  story.shows('the question in the thread', question);
  story.did('carol', 'presses Confirm');
  await people.click('carol', question, 'Confirm');
  story.shows('a dialogue', await people.waitForModal({ title: 'Confirm' }));
  const answer = 'Keys are in the vault, port 5432 is closed, npm audit is clean.';
  story.did('carol', `answers: ${answer}`);
  await people.submitModal('carol', { answer });
  story.shows('the same message', await audience.inThread(card, ['Answered', answer]));
}

async function ends({ story, audience, ...demo }: Scene, card: Message): Promise<void> {
  story.stage(`${good} is live`);
  story.shows('the end of the thread', await audience.inThread(card, ['succeeded', 'already as wanted']));
  story.shows('the card', await audience.inChannel([good, 'succeeded']));
  await runs({ story, ...demo }, good);
}

async function rollsBack({ story, audience, ...demo }: Scene, card: Message): Promise<void> {
  const { people } = demo.workspace;
  story.stage(`${broken} does not work and is rolled back`);
  const failure = await audience.inThread(card, ['Smoke tests failed', 'Roll back']);
  story.shows('the failure in the thread', failure);
  story.did('carol', 'presses Roll back');
  await people.click('carol', failure, 'Roll back');
  story.shows('a dialogue', await people.waitForModal({ title: 'Roll back' }));
  const reason = 'Nobody can pay.';
  story.did('carol', `chooses critical and writes: ${reason}`);
  await people.submitModal('carol', { severity: 'critical', reason });
  const back = await audience.inChannel(['rollback of', 'rolled back', reason]);
  story.shows('the card of the rollback', back);
  story.shows('the end of its thread', await audience.inThread(back, ['rolled back', 'already as wanted']));
  story.shows('the first card', await audience.inChannel([broken, 'taken back']));
  await runs({ story, ...demo }, good);
}

async function unlocks({ workspace: { people }, story, audience }: Scene): Promise<void> {
  story.stage('Nobody deploys before the cause is known');
  const next = () => people.command('alice', channel, '/deploy', 'production v2.5.1');
  story.did('alice', 'types /deploy production v2.5.1');
  story.shows('to alice alone', await audience.told('alice', ['locked'], next));
  story.did('carol', 'types /deploy unlock production');
  await people.command('carol', channel, '/deploy', 'unlock production');
  story.shows('a dialogue', await people.waitForModal({ title: 'Unlock' }));
  const cause = 'The key of the payment provider had expired; it is renewed.';
  story.did('carol', `writes the cause: ${cause}`);
  const open = () => people.submitModal('carol', { cause });
  story.shows('to carol alone', await audience.told('carol', ['open again'], open));
  const status = () => people.command('bob', channel, '/deploy', 'status production');
  story.did('bob', 'types /deploy status production');
  const told = await audience.told('bob', ['production'], status);
  story.shows('to bob alone', told);
  story.check('the lock is gone', !JSON.stringify(told).includes('locked'), 'a lock');
}

async function proves({ workspace: { gateway }, pool, story }: Scene): Promise<void> {
  story.stage('The record and the gateway');
  const said: string[] = [];
  const code = await verify({ pool, out: { write: (text: string) => said.push(text) } });
  story.check(said.join('').trim(), code === 0, said.join(''));
  const { calls, rateLimited } = gateway.stats;
  const broken = gateway.violations;
  story.check(`${calls} calls, none against Slack's rules`, broken.length === 0, JSON.stringify(broken));
  story.check('Slack never had to ask for patience', rateLimited === 0, `${rateLimited} answers of 429`);
}

async function runs({ world, story }: Pick<Scene, 'world' | 'story'>, version: string): Promise<void> {
  const answer = await (await fetch(`${world.appUrl}/api/health`)).text();
  story.check(`the target system runs ${version}`, answer.includes(`"${version}"`), answer);
}
