import { Failure, type ReasonCode } from '../errors.ts';

type Told = readonly [code: ReasonCode, sentence: string];

/** SQLSTATE codes, https://www.postgresql.org/docs/current/errcodes-appendix.html */
const sqlStates: Readonly<Record<string, Told>> = {
  '28P01': ['authentication-failed', 'refused the password; correct it in the environment'],
  '28000': ['authentication-failed', 'does not let this user in; see its pg_hba.conf and the role'],
  '3D000': ['not-found', 'has no database of that name; create it or correct the address'],
  '42P01': ['not-found', 'has no such table; run the migrations or correct the statement'],
  '42501': ['permission-denied', 'says that the account lacks a right; grant it or use another account'],
  '25006': ['permission-denied', 'allows no writing here, and the statement would write'],
  '53300': ['server-full', 'has no free connection; close some or raise max_connections'],
  '53100': ['disk-full', 'has no space left on its disk; make room'],
  '57014': ['timed-out', 'gave the statement up at its time limit'],
  '57P01': ['connection-refused', 'is shutting down; start it again'],
  '57P03': ['connection-refused', 'is starting up or shutting down; wait for it'],
};

/** System errors, https://nodejs.org/docs/latest-v20.x/api/errors.html#common-system-errors */
const systemErrors: Readonly<Record<string, Told>> = {
  ECONNREFUSED: ['connection-refused', 'refuses connections; start the server or correct host and port'],
  ECONNRESET: ['connection-refused', 'closed the connection; look at its log'],
  EPIPE: ['connection-refused', 'closed the connection; look at its log'],
  EHOSTUNREACH: ['connection-refused', 'cannot be reached from here; check route and firewall'],
  ENETUNREACH: ['connection-refused', 'cannot be reached from here; check route and firewall'],
  ENOTFOUND: ['host-not-found', 'has a host name that does not resolve; correct it or the DNS'],
  EAI_AGAIN: ['host-not-found', 'has a host name that could not be resolved now; check the DNS'],
  ETIMEDOUT: ['timed-out', 'did not answer in time; check host, route and firewall'],
  EPROTO: ['tls-failed', 'does not complete a TLS handshake; check that the port speaks TLS'],
  EACCES: ['permission-denied', 'may not be used by this account'],
  ENOSPC: ['disk-full', 'has no space left on its disk; make room'],
};

/** The first word of an error reply is its code, https://redis.io/docs/latest/develop/reference/protocol-spec/#simple-errors */
const redisReplies: Readonly<Record<string, Told>> = {
  NOAUTH: ['authentication-failed', 'asks for a password and got none; put it into the address'],
  WRONGPASS: ['authentication-failed', 'refused the user name or password; correct it in the environment'],
  NOPERM: ['permission-denied', 'says that the account lacks a right; extend its ACL'],
  DENIED: ['permission-denied', 'runs in protected mode; set a password or bind it'],
  OOM: ['disk-full', 'has reached maxmemory; raise it or let keys expire'],
  MISCONF: ['disk-full', 'cannot save to its disk, so it refuses writes; make room'],
  LOADING: ['connection-refused', 'is still loading its data; wait for it'],
};

const sshLevels: Readonly<Record<string, Told>> = {
  'client-authentication': [
    'authentication-failed',
    'refused the key; add its public half to authorized_keys',
  ],
  'client-timeout': ['timed-out', 'did not complete the SSH handshake in time'],
  handshake: ['connection-refused', 'and this machine share no SSH algorithm'],
  protocol: ['connection-refused', 'does not speak SSH as expected'],
};

/**
 * Turns whatever a client threw into a Failure: `where` names the place without secrets and starts the sentence. A signal that has
 * aborted decides first: its reason tells a time limit from a stop. Codes decide, never the wording; the rest is `step-failed`.
 */
export function asFailure(error: unknown, where: string, signal?: AbortSignal): Failure {
  if (error instanceof Failure) return error;
  if (signal?.aborted) return stopped(signal.reason, where);
  for (const one of withCauses(error)) {
    if (one instanceof Failure) return one;
    if (one.name === 'AbortError' || one.name === 'TimeoutError') return stopped(one, where);
    const told = known(one);
    if (told) return new Failure(told[0], `${where} ${told[1]}${detail(one)}.`, { cause: error });
  }
  const said = error instanceof Error ? error.message : String(error);
  return new Failure('step-failed', `${where} gave an unexpected error: ${said}`, { cause: error });
}

function stopped(reason: unknown, where: string): Failure {
  if (reason instanceof Failure) return reason;
  const late = reason instanceof Error && reason.name === 'TimeoutError';
  return late
    ? new Failure('timed-out', `${where} did not answer within the time limit.`, { cause: reason })
    : new Failure('aborted', `The work on ${where} was stopped.`, { cause: reason });
}

function known(error: Error): Told | undefined {
  const code = text(error, 'code');
  if (text(error, 'severity') !== '' && code.length === 5) {
    return sqlStates[code] ?? ['command-failed', `refused the statement (SQLSTATE ${code})`];
  }
  if (error.name === 'ReplyError') {
    const reply = error.message.split(' ', 1)[0] ?? '';
    return redisReplies[reply] ?? ['command-failed', `refused the command (${reply})`];
  }
  if (/^(CERT_|ERR_TLS_|ERR_SSL_|UNABLE_TO_|DEPTH_ZERO_|SELF_SIGNED_|HOSTNAME_MISMATCH)/.test(code)) {
    return ['tls-failed', `has a certificate that is not trusted here (${code}); renew it or name its CA`];
  }
  return systemErrors[code] ?? sshLevels[text(error, 'level')];
}

/** What the server says itself is worth reading, but only PostgreSQL's messages are known to carry no passwords. */
function detail(error: Error): string {
  return text(error, 'severity') === '' ? '' : `: ${error.message}`;
}

function text(error: Error, property: string): string {
  const value: unknown = Reflect.get(error, property);
  return typeof value === 'string' ? value : '';
}

function withCauses(error: unknown): readonly Error[] {
  const found: Error[] = [];
  for (let one = error; one instanceof Error && found.length < 5; one = one.cause) found.push(one);
  return found;
}
