import { Socket } from 'node:net';
import pg from 'pg';
import { z } from 'zod';
import { Failure } from '../../errors.ts';
import { reveal, type Secret } from '../../secret.ts';
import { asFailure } from '../failures.ts';
import { heeding } from '../waits.ts';

/** A name in PostgreSQL: at most 63 bytes, https://www.postgresql.org/docs/current/sql-syntax-lexical.html#SQL-SYNTAX-IDENTIFIERS */
export const Identifier = z
  .string()
  .min(1)
  .refine((name) => Buffer.byteLength(name) <= 63 && !name.includes('\0'), 'a name of at most 63 bytes');

/** One connection for one step; `where` is `user@host:port/database`. */
export interface PostgresConnection {
  readonly where: string;
  readonly user: string;
  query<Row extends pg.QueryResultRow>(sql: string, values?: readonly unknown[]): Promise<readonly Row[]>;
}

/** What of an address may be replaced to reach another database or log in as another role. */
export interface Instead {
  readonly database?: string;
  readonly user?: string;
  readonly password?: string | Secret;
}

/** The address with some parts replaced; throws a Failure when it is no PostgreSQL URL. */
export function addressOf(url: string | Secret, instead: Instead = {}): string {
  const text = reveal(url);
  // The parser's own error would repeat the address, and with it the password.
  if (!URL.canParse(text) || !/^postgres(ql)?:$/.test(new URL(text).protocol)) {
    throw new Failure(
      'config-invalid',
      'The address is not a PostgreSQL URL; write it as postgres://user:password@host:5432/database.',
    );
  }
  const address = new URL(text);
  if (instead.database !== undefined) address.pathname = `/${encodeURIComponent(instead.database)}`;
  if (instead.user !== undefined) address.username = encodeURIComponent(instead.user);
  if (instead.password !== undefined) address.password = encodeURIComponent(reveal(instead.password));
  return address.href;
}

/** Connects, hands the connection over and always closes it; the signal cuts the socket. Throws Failures only. */
export async function withPostgres<T>(
  url: string | Secret,
  signal: AbortSignal,
  use: (connection: PostgresConnection) => Promise<T>,
  instead: Instead = {},
): Promise<T> {
  const socket = new Socket();
  const client = new pg.Client({
    connectionString: addressOf(url, instead),
    application_name: 'slipway',
    stream: () => socket,
  });
  const user = client.user ?? '';
  const where = `${user}@${client.host}:${client.port}/${client.database ?? ''}`;
  // Without a listener a connection that is lost between two queries would end the process.
  client.on('error', () => {});
  const query: PostgresConnection['query'] = async (sql, values = []) => {
    // The extended protocol takes one statement only, so nothing can be appended to one.
    const statement: pg.QueryConfig & { queryMode: 'extended' } = {
      text: sql,
      values: [...values],
      queryMode: 'extended',
    };
    return (await client.query(statement)).rows;
  };
  const work = async () => {
    await client.connect();
    return use({ where, user, query });
  };
  try {
    return await heeding(signal, work(), () => socket.destroy());
  } catch (error) {
    throw asFailure(error, `PostgreSQL at ${where}`, signal);
  } finally {
    await closed(client, socket);
  }
}

async function closed(client: pg.Client, socket: Socket): Promise<void> {
  if (!socket.destroyed)
    await Promise.race([client.end(), new Promise((settle) => setTimeout(settle, 1_000).unref())]);
  socket.destroy();
}
