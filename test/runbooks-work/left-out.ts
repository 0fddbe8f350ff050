/** A command that the rehearsal's host cannot run, by a text that stands in it and in no other command of its runbook. */
interface LeftOut {
  readonly runbook: string;
  readonly holds: string;
  readonly why: string;
}

/** All commands for the host `app` that no test runs. */
export const leftOut: readonly LeftOut[] = [
  { runbook: 'payment-failures', holds: 'api.stripe.com', why: 'the host has no way to the outside' },
  {
    runbook: 'elasticsearch-unhealthy',
    holds: '_cluster/reroute',
    why: 'the Elasticsearch that is played does not move shards',
  },
];
