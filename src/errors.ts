interface Reason {
  /** Whether trying the same again may help without anybody changing anything. */
  readonly retry: boolean;
  /** What a person is told; what, where and what to do follow in the failure's own detail. */
  readonly says: string;
}

/** Every foreseen stop by its code: failures of steps and of the surroundings, and refusals of what a person asked. */
export const reasons = {
  // surroundings
  'config-invalid': { retry: false, says: 'The configuration is not valid.' },
  'plan-invalid': { retry: false, says: 'The plan is not valid.' },
  'plan-not-found': { retry: false, says: 'There is no such plan.' },
  'secret-missing': { retry: false, says: 'A secret has no value.' },
  'store-unreachable': { retry: true, says: 'PostgreSQL, where Slipway keeps its record, does not answer.' },
  'queue-unreachable': { retry: true, says: 'The job queue does not answer.' },
  'slack-unreachable': { retry: true, says: 'Slack does not answer.' },
  'slack-refused': { retry: false, says: 'Slack refused the call.' },
  // steps
  'connection-refused': { retry: true, says: 'Nothing listens at that address.' },
  'host-not-found': { retry: true, says: 'The host name does not resolve.' },
  'host-key-unknown': { retry: false, says: 'The host key is not the pinned one.' },
  'authentication-failed': { retry: false, says: 'The user name or password was refused.' },
  'permission-denied': { retry: false, says: 'The account lacks a right that this step needs.' },
  'timed-out': { retry: true, says: 'No answer came in time.' },
  aborted: { retry: false, says: 'It was stopped on request.' },
  'tls-failed': { retry: false, says: 'The TLS handshake failed.' },
  'command-failed': { retry: true, says: 'The command ended with an error.' },
  'config-refused': {
    retry: false,
    says: 'The program that reads this configuration refuses it; nothing was changed.',
  },
  'disk-full': { retry: false, says: 'The disk is full.' },
  'not-found': { retry: false, says: 'Something that this step needs does not exist.' },
  'server-full': { retry: true, says: 'The server takes no more connections.' },
  unavailable: { retry: true, says: 'The service answers, but cannot do its work now.' },
  'would-lose-data': { retry: false, says: 'Making it so would lose data, so it was left.' },
  'not-undone': { retry: false, says: 'It could not be taken back.' },
  'not-satisfied': { retry: true, says: 'The check found something other than what is wanted.' },
  'still-not-satisfied': { retry: true, says: 'It was applied, but the check still finds it wanting.' },
  'step-failed': { retry: true, says: 'The step ended with an unexpected error.' },
  // refusals
  'not-allowed': { retry: false, says: 'You are not in a group that may do this.' },
  'own-request': { retry: false, says: 'You asked for this deployment, so somebody else must approve it.' },
  'already-decided': { retry: false, says: 'This was already decided.' },
  'already-approved-by-you': { retry: false, says: 'Your approval already counts.' },
  'approval-void': { retry: false, says: 'What will run has changed since this card was drawn.' },
  'gate-expired': { retry: false, says: 'The time to approve is over.' },
  'gate-cannot-be-met': { retry: false, says: 'Not enough people could approve this.' },
  'nothing-waiting': { retry: false, says: 'Nothing waits for this any more.' },
  'environment-busy': { retry: false, says: 'Another deployment is active in this environment.' },
  'environment-locked': { retry: false, says: 'The environment is locked.' },
  'version-unknown': { retry: false, says: 'There is no such version.' },
  'source-unreachable': { retry: true, says: 'Where the versions are kept does not answer as it should.' },
  'environment-unknown': { retry: false, says: 'There is no such environment.' },
  'not-locked': { retry: false, says: 'The environment is not locked.' },
  'run-finished': { retry: false, says: 'This deployment has ended.' },
  'run-not-found': { retry: false, says: 'There is no such deployment.' },
  'reason-required': { retry: false, says: 'A reason is needed.' },
  'severity-unknown': { retry: false, says: 'The plan has no rollback for that severity.' },
  'already-begun': {
    retry: false,
    says: 'Something was already changed, so what runs can no longer change.',
  },
  'alerts-resolved': { retry: false, says: 'These alerts no longer fire.' },
  'group-unknown': { retry: false, says: 'There is no such alert group.' },
  'silence-end-invalid': { retry: false, says: 'A silence must end in the future, within 30 days.' },
  'too-many-silences': { retry: false, says: 'This alert group has as many silences as it may have.' },
  'alertmanager-unreachable': { retry: true, says: 'Alertmanager does not answer.' },
  'alertmanager-refused': { retry: false, says: 'Alertmanager refused the request.' },
  'pagerduty-unreachable': { retry: true, says: 'PagerDuty does not answer.' },
  'pagerduty-refused': { retry: false, says: 'PagerDuty refused the request.' },
  'runbook-unknown': { retry: false, says: 'There is no such runbook.' },
  'walkthrough-unknown': { retry: false, says: 'There is no such opened runbook.' },
  'step-not-runnable': { retry: false, says: 'This step cannot be run.' },
  'own-step': { retry: false, says: 'You asked for this, so somebody else must agree.' },
  'incident-unknown': { retry: false, says: 'There is no such incident.' },
  'incident-resolved': { retry: false, says: 'This incident is resolved.' },
  'incident-known': { retry: false, says: 'This incident was already declared.' },
  'incident-full': { retry: false, says: 'This incident has as many of these as it may have.' },
  'text-required': { retry: false, says: 'Something must be written here.' },
  'day-invalid': { retry: false, says: 'That is no day from today on.' },
  'notice-waiting': { retry: false, says: 'Another text for the status page is under way.' },
  'status-page-unreachable': { retry: true, says: 'The status page does not answer.' },
  'status-page-refused': { retry: false, says: 'The status page refused the request.' },
  fenced: { retry: false, says: 'Another worker has taken over this attempt.' },
} as const satisfies Record<string, Reason>;

/** The code of a foreseen stop. */
export type ReasonCode = keyof typeof reasons;

/** A foreseen stop: `code` tells what to do about it, `message` says what, where and what to do in one or two sentences. */
export class Failure extends Error {
  readonly code: ReasonCode;

  constructor(code: ReasonCode, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.name = 'Failure';
    this.code = code;
  }
}
