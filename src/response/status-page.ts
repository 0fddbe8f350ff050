import { Failure } from '../errors.ts';
import type { StatusPage } from '../incidents/settings.ts';
import type { Publisher } from './notices.ts';
import { statuspage } from './status-page-api.ts';
import { webhook } from './status-page-webhook.ts';

/** Milliseconds that a call may take. */
const limit = 10_000;

/** The status page of slipway.yaml; without one every notice is refused. */
export function openStatusPage(page: StatusPage | undefined): Publisher {
  if (page === undefined) {
    const told = 'There is no status page. Add incidents.statusPage to slipway.yaml, then approve it again.';
    return { publish: () => Promise.reject(new Failure('status-page-refused', told)) };
  }
  return 'webhook' in page ? webhook(page, limit) : statuspage(page, limit);
}
