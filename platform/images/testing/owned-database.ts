// An empty database as a cluster's operator makes it: its owner is no superuser, only a member of the roles that will use it.
import { randomBytes } from 'node:crypto';
import { Client, escapeIdentifier, escapeLiteral } from 'pg';
import { inject, onTestFinished } from 'vitest';
import type { DatabaseName } from '../../../functions/shared/contract/function.ts';
import { roleNames } from '../../../functions/shared/database/roles.ts';
import { addressOf } from '../../local/databases.ts';

export type OwnedDatabase = { ownerUrl: string; url: string; admin: Client };

export async function givenOwnedDatabase(name: DatabaseName): Promise<OwnedDatabase> {
  const { adminUrl, passwords } = inject('postgres');
  const database = `owned_${name}_${randomBytes(4).toString('hex')}`;
  const owner = escapeIdentifier(`${database}_owner`);
  const password = randomBytes(12).toString('hex');
  const admin = new Client({ connectionString: adminUrl });
  await admin.connect();
  onTestFinished(async () => {
    await admin.query(`drop database ${escapeIdentifier(database)} with (force)`);
    await admin.query(`drop role ${owner}`);
    await admin.end();
  });
  await admin.query(`create role ${owner} login password ${escapeLiteral(password)}`);
  await admin.query(`grant ${roleNames(name).map(escapeIdentifier).join(', ')} to ${owner}`);
  await admin.query(`create database ${escapeIdentifier(database)} owner ${owner}`);
  const { url, adminUrl: asAdmin } = addressOf(adminUrl, name, database, passwords);
  const ownerUrl = new URL(asAdmin);
  ownerUrl.username = `${database}_owner`;
  ownerUrl.password = password;
  return { ownerUrl: ownerUrl.href, url, admin };
}
