// What backup and restore are told by their Job (platform/base/backup).
import * as z from 'zod';
import type { Addresses } from './back-up.ts';

const address = z.url({ protocol: /^postgres(ql)?$/, error: 'is not a postgres:// address' });

const variables = z.object({
  BACKUP_FOLDER: z.string().min(1),
  BACKUPS_KEPT: z.coerce.number().int().min(1).max(1_000).default(14),
  /** Which copy is restored; the newest when empty. */
  BACKUP_NAME: z.string().default(''),
  /** Of the databases' owners. */
  USERS_URL: address,
  LEDGER_URL: address,
  NOTIFICATIONS_URL: address,
});

export type Settings = { folder: string; kept: number; name: string; addresses: Addresses };

/** @throws with every variable that is wrong. */
export function readSettings(environment: Record<string, string | undefined>): Settings {
  const parsed = variables.safeParse(environment);
  if (!parsed.success)
    throw new Error(parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; '));
  const { data } = parsed;
  const addresses = { users: data.USERS_URL, ledger: data.LEDGER_URL, notifications: data.NOTIFICATIONS_URL };
  return { folder: data.BACKUP_FOLDER, kept: data.BACKUPS_KEPT, name: data.BACKUP_NAME, addresses };
}
