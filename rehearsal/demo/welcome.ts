import type { Demo } from './start-demo.ts';

/** What the demo says when everything runs: where to look, who is who, what to type. */
export function welcome({ workspace, world }: Demo, dir: string): string {
  const redis =
    world.redis === undefined
      ? '\n  There is no redis-server on this machine, so the plan goes without Redis (apt-get install redis-server).\n'
      : '';
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
${redis}
  Ctrl-C stops everything; the next start goes on from there. The log and all data are in ${dir}.
`;
}
