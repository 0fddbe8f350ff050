import type { Deployment } from '../../deploy/deployment.ts';
import { askMessage, doubtMessage } from './ask-message.ts';
import { card } from './card.ts';
import { endMessage } from './end-message.ts';
import { clip } from './escape.ts';
import { failureMessage } from './failure-message.ts';
import { gateMessage } from './gate-message.ts';
import { phaseMessage } from './phase-message.ts';
import type { About, Surface } from './surface.ts';

/** Every message that shows a run as it stands, in the order in which people meet them; the same input gives the same messages. */
export function surfacesOf(run: Deployment, about: About): readonly Surface[] {
  const ofPhases = run.outline.flatMap((outline) => [
    ...gateMessage(run, outline, about),
    ...phaseMessage(run, outline, about),
    ...outline.steps.flatMap((step) => [
      ...askMessage(run, outline.id, step, about),
      ...doubtMessage(run, outline.id, step, about),
    ]),
    ...failureMessage(run, outline, about),
  ]);
  const all = [card(run, about), ...ofPhases, ...endMessage(run, about)];
  return all.map((surface) => ({ ...surface, text: clip(surface.text, 400) }));
}
