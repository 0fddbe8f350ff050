import type { Endpoint, Request } from '@elastic/request-converter/dist/metamodel.js';
import { refuse, refusePlainly } from './refusal.ts';
import { endpoints, propertiesOf, queryOf, typeNamed } from './schema.ts';
import { faultIn, faultInObject, isObject, type SchemaFault } from './schema-faults.ts';

/** A request that the schema allows. */
export interface Call {
  readonly endpoint: string;
  /** What stands for the names in the path, such as `index`. */
  readonly path: Readonly<Record<string, string>>;
  readonly query: Readonly<Record<string, string>>;
  /** An object, a list of objects for bulk, or undefined. */
  readonly body: unknown;
}

interface Route {
  readonly endpoint: Endpoint;
  readonly methods: readonly string[];
  readonly segments: readonly string[];
}

// A segment that is written out is meant before one that stands for a name.
const routes: readonly Route[] = endpoints
  .flatMap((endpoint) =>
    endpoint.urls.map(({ path, methods }) => ({ endpoint, methods, segments: path.split('/').slice(1) })),
  )
  .toSorted((a, b) => rank(a).localeCompare(rank(b)));

function rank({ segments }: Route): string {
  return segments.map((segment) => (segment.startsWith('{') ? '1' : '0')).join('');
}

/** Finds the endpoint of a request and checks everything against the published schema; throws a Refusal. */
export function callOf(method: string, url: URL, body: unknown): Call {
  const segments = url.pathname
    .replace(/(?<=.)\/$/, '')
    .split('/')
    .slice(1)
    .map(decodeURIComponent);
  const matching = routes.filter((route) => fits(route, segments));
  if (matching.length === 0) {
    refusePlainly(400, `no handler found for uri [${url.pathname}] and method [${method}]`);
  }
  const route = matching.find(({ methods }) => methods.includes(method));
  if (!route) {
    const allowed = [...new Set(matching.flatMap(({ methods }) => methods))].join(', ');
    const uri = `uri [${url.pathname}] and method [${method}]`;
    refusePlainly(405, `Incorrect HTTP method for ${uri}, allowed: [${allowed}]`);
  }
  const path = Object.fromEntries(
    route.segments.flatMap((part, index) =>
      part.startsWith('{') ? [[part.slice(1, -1), segments[index] ?? '']] : [],
    ),
  );
  if (path.index?.startsWith('_') && path.index !== '_all') {
    refuse(
      400,
      'invalid_index_name_exception',
      `Invalid index name [${path.index}], must not start with '_'.`,
    );
  }
  const request = route.endpoint.request ? typeNamed(route.endpoint.request) : undefined;
  const query = Object.fromEntries(url.searchParams);
  if (request?.kind === 'request') {
    checkQuery(request, url.pathname, query);
    checkBody(route.endpoint, request, body);
  }
  return { endpoint: route.endpoint.name, path, query, body };
}

function fits({ segments }: Route, given: readonly string[]): boolean {
  if (segments.length !== given.length) return false;
  return segments.every(
    (part, index) => part === given[index] || (part.startsWith('{') && given[index] !== ''),
  );
}

function checkQuery(request: Request, uri: string, query: Readonly<Record<string, string>>): void {
  const known = queryOf(request);
  for (const [name, value] of Object.entries(query)) {
    const property = known.find((one) => one.name === name);
    if (!property) {
      refuse(
        400,
        'illegal_argument_exception',
        `request [${uri}] contains unrecognized parameter: [${name}]`,
      );
    }
    const fault = faultIn(value, property.type, new Map(), [name]);
    if (fault && faultIn(value.split(','), property.type, new Map(), [name])) {
      refuse(400, 'illegal_argument_exception', `failed to parse parameter [${name}]: ${fault.says}`);
    }
  }
}

function checkBody(endpoint: Endpoint, request: Request, body: unknown): void {
  if (body === undefined) {
    if (endpoint.requestBodyRequired) refuse(400, 'parse_exception', 'request body is required');
    return;
  }
  const fault = bodyFault(request, body);
  if (!fault) return;
  const at = fault.path.join('.');
  if (/(^|\.)properties\./.test(at) || fault.path[0] === 'mappings') {
    refuse(400, 'mapper_parsing_exception', `Failed to parse mapping: ${at}: ${fault.says}`);
  }
  const isSetting = fault.path[0] === 'settings' || endpoint.name === 'indices.put_settings';
  refuse(400, isSetting ? 'illegal_argument_exception' : 'x_content_parse_exception', `${at}: ${fault.says}`);
}

function bodyFault({ body: wanted, ...request }: Request, body: unknown): SchemaFault | undefined {
  if (wanted.kind === 'no_body') return { path: [], says: 'this request takes no body' };
  if (wanted.kind === 'value') return faultIn(body, wanted.value, new Map(), []);
  if (!isObject(body)) return { path: [], says: 'expected an object' };
  const inherited = propertiesOf({ ...request, body: wanted }, new Map());
  const own = wanted.properties.map((property) => ({ property, scope: new Map() }));
  return faultInObject(body, [...own, ...inherited], []);
}
