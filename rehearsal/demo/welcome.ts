import { demoVersions } from '../git/demo-repository.ts';
import { withoutPart } from './parts.ts';
import type { Demo } from './start-demo.ts';

/** What the demo says when everything runs: where to look, who is who, what to type. */
export function welcome({ workspace, missing }: Demo, dir: string): string {
  const without = missing.map((part) => `\n  ${withoutPart[part]}\n`).join('');
  const tags = missing.includes('git')
    ? ''
    : `  The versions are the tags of its repository: ${demoVersions.join(', ')}.\n`;
  return `
  Open  ${workspace.slack.url}  and choose the channel #production.

  alice   deployer   types the commands
  bob     approver   presses Approve
  carol   on-call    answers the security question, and may roll back
  At the top right of the page, under “Act as”, you choose whom you are.

  As alice, type one of these in #production:
    /deploy production v2.4.1          goes well
    /deploy production v2.4.2-flaky    a smoke test fails once; Retry helps
    /deploy production v2.5.0-broken   does not work; Roll back helps
    /deploy help                       shows everything
    /runbook shop slow                 finds a runbook; its steps can be run
    /incident declare high             makes a channel with a card, and a review at the end
${tags}${without}
  Ctrl-C stops everything; the next start goes on from there. The log and all data are in ${dir}.
`;
}
