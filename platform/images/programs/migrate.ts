// Brings one database to the newest schema as its owner, who needs no other right: DATABASE=users DATABASE_URL=… node migrate.js
// Roles and databases are there before: a cluster's operator makes them. The owner is a member of the roles that use the database.
import { escapeIdentifier } from 'pg';
import * as z from 'zod';
import { connect, databaseNames, migrateSchema, restrictDatabase } from '../../local/databases.ts';
import { limitRole } from '../../../functions/shared/database/role-limits.ts';
import { roleNames } from '../../../functions/shared/database/roles.ts';
import type { DatabaseName } from '../../../functions/shared/contract/function.ts';
import { runProgram } from './run-program.ts';

const variables = z.object({
  DATABASE: z.enum(databaseNames),
  /** The owner's, at PostgreSQL itself: the locks that keep two migrations apart are a session's. */
  DATABASE_URL: z.url({ protocol: /^postgres(ql)?$/ }),
  MIGRATIONS_FOLDER: z.string().optional(),
});

// Any number that nothing else in the database uses: two of these at once take turns.
const preparationLock = 7_143_000_002n;

await runProgram(variables, async ({ DATABASE: name, DATABASE_URL: url, MIGRATIONS_FOLDER: folder }) => {
  await openToRoles(url, name);
  const ran = await migrateSchema(url, name, folder);
  return ran.length === 0 ? `${name}: up to date` : `${name}: ran ${ran.join(', ')}`;
});

async function openToRoles(url: string, name: DatabaseName): Promise<void> {
  const owner = await connect(url);
  try {
    await owner.query('select pg_advisory_lock($1)', [preparationLock]);
    await restrictDatabase(owner, name, owner.database ?? '');
    // A role may always alter its own settings, and whoever is its member may become it.
    for (const role of roleNames(name)) {
      await owner.query(`set role ${escapeIdentifier(role)}`);
      await limitRole(owner, role);
    }
  } finally {
    await owner.end();
  }
}
