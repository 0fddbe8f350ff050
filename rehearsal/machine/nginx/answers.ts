import {
  type IncomingMessage,
  type OutgoingHttpHeaders,
  type RequestListener,
  request,
  type ServerResponse,
} from 'node:http';
import type { Site } from './sites.ts';

/** The site that answers for a name: the first of those that listen there for the names that none of them has. */
export function siteFor(here: readonly Site[], name: string): Site | undefined {
  return here.find(({ names }) => names.includes(name)) ?? here[0];
}

/** Answers requests as the sites that listen in one place say: with a redirect, or with what their upstream answers. */
export function answering(here: readonly Site[]): RequestListener {
  return (incoming, response) => {
    const name = (incoming.headers.host ?? '').replace(/:\d+$/, '');
    const site = siteFor(here, name);
    const path = incoming.url ?? '/';
    const variables: Readonly<Record<string, string>> = {
      $server_name: site?.names[0] ?? name,
      $host: name,
      $request_uri: path,
      $remote_addr: incoming.socket.remoteAddress ?? '',
      $scheme: site?.tls ? 'https' : 'http',
    };
    const filled = (text: string) => text.replace(/\$[a-z_]+/g, (variable) => variables[variable] ?? '');
    response.setHeader('server', 'nginx');
    for (const [header, value] of site?.headers ?? []) response.setHeader(header, filled(value));
    const location = site?.locations.find(({ prefix }) => path.startsWith(prefix));
    if (site?.redirect)
      response.writeHead(site.redirect.status, { location: filled(site.redirect.to) }).end();
    else if (!location) response.writeHead(404).end();
    else {
      const own = location.headers.map(([header, value]) => [header.toLowerCase(), filled(value)]);
      const headers = { ...incoming.headers, ...Object.fromEntries(own), connection: 'close' };
      passOn(new URL(path, location.upstream), headers, incoming, response);
    }
  };
}

function passOn(
  to: URL,
  headers: OutgoingHttpHeaders,
  incoming: IncomingMessage,
  response: ServerResponse,
): void {
  const passed = request(to, { method: incoming.method, headers }, (answer) => {
    // Only what is not about this one connection is passed on.
    const { connection: _one, 'keep-alive': _two, ...rest } = answer.headers;
    for (const [header, value] of Object.entries(rest)) {
      if (value !== undefined) response.setHeader(header, value);
    }
    response.writeHead(answer.statusCode ?? 502);
    answer.pipe(response);
  });
  passed.on('error', () => {
    if (!response.headersSent) response.writeHead(502);
    response.end();
  });
  incoming.pipe(passed);
}
