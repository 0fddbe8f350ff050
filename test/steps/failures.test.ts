import { expect, test } from 'vitest';
import { Failure } from '../../src/errors.ts';
import { asFailure } from '../../src/steps/failures.ts';

test.each([
  ['28P01', 'authentication-failed'],
  ['28000', 'authentication-failed'],
  ['3D000', 'not-found'],
  ['42501', 'permission-denied'],
  ['53300', 'server-full'],
  ['53100', 'disk-full'],
  ['57014', 'timed-out'],
  ['57P03', 'connection-refused'],
  ['42601', 'command-failed'],
])('PostgreSQL error %s is %s', (code, expected) => {
  const failure = asFailure(
    Object.assign(new Error('said'), { code, severity: 'ERROR' }),
    'PostgreSQL at u@h:1/d',
  );

  expect(failure.code).toBe(expected);
  expect(failure.message).toMatch(/^PostgreSQL at u@h:1\/d .*: said\.$/);
});

test.each([
  ['ECONNREFUSED', 'connection-refused'],
  ['ENOTFOUND', 'host-not-found'],
  ['EAI_AGAIN', 'host-not-found'],
  ['ETIMEDOUT', 'timed-out'],
  ['ECONNRESET', 'connection-refused'],
  ['CERT_HAS_EXPIRED', 'tls-failed'],
  ['ERR_TLS_CERT_ALTNAME_INVALID', 'tls-failed'],
  ['ENOSPC', 'disk-full'],
])('system error %s is %s, also as the cause of another error', (code, expected) => {
  const error = Object.assign(new Error('said'), { code });

  expect(asFailure(error, 'here').code).toBe(expected);
  expect(asFailure(new TypeError('wrapped', { cause: error }), 'here').code).toBe(expected);
});

test.each([
  ['NOAUTH Authentication required.', 'authentication-failed'],
  ['WRONGPASS invalid username-password pair', 'authentication-failed'],
  ['NOPERM no', 'permission-denied'],
  ['ERR unknown', 'command-failed'],
])('Redis reply "%s" is %s', (message, expected) => {
  const failure = asFailure(Object.assign(new Error(message), { name: 'ReplyError' }), 'here');

  expect(failure.code).toBe(expected);
});

test.each([
  ['client-authentication', 'authentication-failed'],
  ['client-timeout', 'timed-out'],
])('SSH error level %s is %s', (level, expected) => {
  const failure = asFailure(Object.assign(new Error('said'), { level }), 'here');

  expect(failure.code).toBe(expected);
});

test('a stop and a time limit are told apart by the reason of the signal', () => {
  const limit = new DOMException('late', 'TimeoutError');
  const lost = Object.assign(new Error('lost'), { code: 'ECONNRESET' });

  expect(asFailure(lost, 'here', AbortSignal.abort(limit)).code).toBe('timed-out');
  expect(asFailure(lost, 'here', AbortSignal.abort()).code).toBe('aborted');
});

test('a Failure stays as it is, and what nobody foresaw is step-failed with its cause', () => {
  const known = new Failure('disk-full', 'The disk is full.');
  const odd = new Error('odd');

  expect(asFailure(known, 'here')).toBe(known);
  expect(asFailure(odd, 'here')).toMatchObject({ code: 'step-failed', cause: odd });
});
