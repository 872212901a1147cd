// The roles by which functions enter the databases, each with the rights that its work needs. Who works as which, and why: README.md.
import type { DatabaseName, DatabaseRole } from '../contract/function.ts';

export const databaseRoles: Readonly<Record<DatabaseName, readonly DatabaseRole[]>> = {
  users: ['writer', 'reader', 'sign-in', 'credentials', 'relay'],
  ledger: ['writer', 'reader', 'payee-finder', 'relay'],
  notifications: ['writer', 'recipient', 'dead-letters'],
};

/** As migrations grant to it. */
export function roleName(database: DatabaseName, role: DatabaseRole): string {
  return role === 'writer' ? `microbank_${database}` : `microbank_${database}_${role.replace('-', '_')}`;
}

export function roleNames(database: DatabaseName): string[] {
  return databaseRoles[database].map((role) => roleName(database, role));
}
