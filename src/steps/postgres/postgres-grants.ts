import pg from 'pg';
import type { PostgresConnection } from './postgres-connection.ts';

/** What an application may do in its database: connect, see into schema `public`, create tables there. */
export const grantNames = ['connect', 'usage', 'create'] as const;

/** One of the three rights. */
export type Grant = (typeof grantNames)[number];

/** The rights that the role itself holds, as owner or by a grant; what everybody holds through PUBLIC does not count. */
export async function heldGrants(connection: PostgresConnection, role: string): Promise<readonly Grant[]> {
  const rows = await connection.query<{ grant: Grant }>(
    `select lower(acl.privilege_type) as "grant"
       from pg_database d, aclexplode(coalesce(d.datacl, acldefault('d', d.datdba))) acl
      where d.datname = current_database() and acl.privilege_type = 'CONNECT'
        and pg_get_userbyid(acl.grantee) = $1::text
      union
     select lower(acl.privilege_type)
       from pg_namespace n, aclexplode(coalesce(n.nspacl, acldefault('n', n.nspowner))) acl
      where n.nspname = 'public' and acl.privilege_type in ('USAGE', 'CREATE')
        and pg_get_userbyid(acl.grantee) = $1::text`,
    [role],
  );
  return rows.map((row) => row.grant);
}

/** The statement that gives a right to a role or takes it away. */
export function grantStatement(
  verb: 'grant' | 'revoke',
  right: Grant,
  database: string,
  role: string,
): string {
  const on = right === 'connect' ? `database ${pg.escapeIdentifier(database)}` : 'schema public';
  return `${verb} ${right} on ${on} ${verb === 'grant' ? 'to' : 'from'} ${pg.escapeIdentifier(role)}`;
}
