import { createHmac } from 'node:crypto';
import type { Secret } from '../secret.ts';
import type { Publisher } from './notices.ts';
import { call, refusedWith } from './status-page-call.ts';

/**
 * A webhook of one's own: JSON by POST, signed like `X-Slipway-Signature: v1=<hex HMAC-SHA256 of the raw body>`. A text that may
 * have arrived is sent again with the same `Idempotency-Key`, for the receiver to leave out.
 */
export function webhook(
  { webhook: url, secret }: { readonly webhook: string; readonly secret: Secret },
  limit: number,
): Publisher {
  return {
    publish: async (incident, notice) => {
      const id = `${incident.id}.${notice.number}`;
      const { number, title, severity } = incident;
      const { status, text, at } = notice;
      const body = JSON.stringify({
        id,
        incident: incident.id,
        number,
        notice: notice.number,
        title,
        status,
        severity,
        text,
        at: new Date(at).toISOString(),
      });
      const signature = createHmac('sha256', secret.reveal()).update(body).digest('hex');
      const headers = {
        'content-type': 'application/json',
        'user-agent': 'slipway',
        'idempotency-key': id,
        'x-slipway-signature': `v1=${signature}`,
      };
      const answered = await call({ method: 'POST', url, headers, body, limit });
      if (answered.status < 200 || answered.status > 299) throw refusedWith(answered);
      return undefined;
    },
  };
}
