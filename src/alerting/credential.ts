import { createHash, timingSafeEqual } from 'node:crypto';
import type { Credential } from '../alerts/surroundings.ts';

/**
 * Whether an Authorization header proves what a credential asks for; without a credential it never does. It takes the same time
 * however much of a wrong one is right, since only hashes are compared.
 */
export function proves(authorization: string | undefined, credential: Credential | undefined): boolean {
  const equal = timingSafeEqual(hashOf(shown(authorization)), hashOf(expected(credential)));
  return equal && credential !== undefined;
}

/** Bearer (RFC 6750) and Basic (RFC 7617), the schemes that Alertmanager's http_config offers. */
function shown(authorization = ''): string {
  const [, scheme = '', value = ''] = /^(bearer|basic) +(\S+) *$/i.exec(authorization) ?? [];
  if (scheme.toLowerCase() === 'basic') return `basic ${Buffer.from(value, 'base64').toString('utf8')}`;
  return scheme === '' ? '' : `bearer ${value}`;
}

function expected(credential: Credential | undefined): string {
  if (credential === undefined) return 'none';
  if ('bearer' in credential) return `bearer ${credential.bearer.reveal()}`;
  return `basic ${credential.user}:${credential.password.reveal()}`;
}

function hashOf(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
