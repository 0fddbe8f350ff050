import { X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';
import { connect, type DetailedPeerCertificate, rootCertificates, type SecureVersion } from 'node:tls';
import { z } from 'zod';
import { Failure } from '../../errors.ts';
import { asFailure } from '../failures.ts';

/** Where a server listens: `host`, `host:port` or `[address]:port`. */
export const TlsAddress = z
  .string()
  .regex(/^(\[[0-9A-Fa-f:]+\]|[^\s:/[\]]+)(:\d{1,5})?$/, 'host, host:port or [IPv6 address]:port')
  .meta({ description: 'where to connect: host, host:port or [IPv6 address]:port' });

/** One try of a handshake; what is left out is up to OpenSSL. */
export interface Handshake {
  readonly host: string;
  readonly port: number;
  /** The name that is asked for; without one, or with an address, the server chooses its certificate by itself. */
  readonly servername?: string | undefined;
  /** PEM certificates to trust besides the public ones. */
  readonly ca?: string | undefined;
  /** The only version that is offered. */
  readonly version?: SecureVersion;
  /** In OpenSSL's words, see ciphers(1). */
  readonly ciphers: string;
}

/** How a handshake ended: done, refused by the server with an alert, or closed by it without one. */
export type Outcome =
  | {
      readonly is: 'done';
      readonly protocol: string;
      readonly cipher: string;
      /** The server's own certificate first, then what led to a root, as far as it is known. */
      readonly chain: readonly X509Certificate[];
      /** OpenSSL's word for why the chain is not trusted, such as `CERT_HAS_EXPIRED`. */
      readonly distrust?: string;
    }
  | { readonly is: 'refused'; readonly code: string }
  | { readonly is: 'closed' };

/** Host and port of an address, with the usual port of HTTPS where it has none. */
export function placeOf(address: string, port: number | undefined): { host: string; port: number } {
  const [, host = '', own] = /^(.*?)(?::(\d{1,5}))?$/.exec(address) ?? [];
  return { host: host.replace(/^\[|\]$/g, ''), port: own === undefined ? (port ?? 443) : Number(own) };
}

/**
 * Shakes hands with a server and closes the connection. Whether its certificate is trusted is part of the outcome, not an error.
 * Throws `tls-failed` when the handshake fails on this side, and other Failures when the server cannot be reached.
 */
export function shakeHands(handshake: Handshake, signal: AbortSignal): Promise<Outcome> {
  const { host, port, servername, ca, version, ciphers } = handshake;
  const where = `${host}:${port}`;
  return new Promise((settle, fail) => {
    let isConnected = false;
    const socket = connect({
      host,
      port,
      ciphers,
      rejectUnauthorized: false,
      ca: [...rootCertificates, ...(ca === undefined ? [] : [ca])],
      // The names are judged elsewhere, so that the verdict here is the chain's alone.
      checkServerIdentity: () => undefined,
      ...(servername === undefined || isIP(servername) !== 0 ? {} : { servername }),
      ...(version === undefined ? {} : { minVersion: version, maxVersion: version }),
    });
    const stop = () => end(() => fail(asFailure(signal.reason, `The TLS server ${where}`, signal)));
    const end = (result: () => void) => {
      signal.removeEventListener('abort', stop);
      socket.destroy();
      result();
    };
    signal.addEventListener('abort', stop, { once: true });
    if (signal.aborted) stop();
    socket.once('connect', () => {
      isConnected = true;
    });
    socket.once('secureConnect', () => {
      // OpenSSL's word, although the type says that it is an error.
      const distrust = String(socket.authorizationError ?? '');
      const outcome: Outcome = {
        is: 'done',
        protocol: socket.getProtocol() ?? '',
        cipher: socket.getCipher().name,
        chain: chainOf(socket.getPeerCertificate(true)),
        ...(socket.authorized ? {} : { distrust }),
      };
      end(() => settle(outcome));
    });
    socket.on('error', (error) => {
      const code = String(Reflect.get(error, 'code') ?? '');
      const isAlert = /^ERR_SSL_.*_ALERT_/.test(code);
      if (isAlert) end(() => settle({ is: 'refused', code: code.replace('ERR_SSL_', '') }));
      else if (isConnected && code === 'ECONNRESET') end(() => settle({ is: 'closed' }));
      else if (code.startsWith('ERR_SSL_') || code === 'EPROTO') {
        const told = `The TLS handshake with ${where} failed on this side (${code}); look whether that port speaks TLS.`;
        end(() => fail(new Failure('tls-failed', told, { cause: error })));
      } else end(() => fail(asFailure(error, `The TLS server ${where}`, signal)));
    });
  });
}

function chainOf(first: DetailedPeerCertificate): readonly X509Certificate[] {
  const chain: X509Certificate[] = [];
  let one: DetailedPeerCertificate | undefined = first;
  while (one?.raw && !chain.some(({ raw }) => one?.raw.equals(raw))) {
    chain.push(new X509Certificate(one.raw));
    one = one.issuerCertificate;
  }
  return chain;
}
