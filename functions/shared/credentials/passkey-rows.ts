// Passkeys as the database has them, as their owner sees them, and as browsers are told of them.
import type { Selectable } from 'kysely';
import type { Passkey, RequestOptions } from '../contract/passkey.ts';
import type { PasskeyTable } from '../database/credentials-schema.ts';

export const passkeyColumns = ['id', 'name', 'site', 'synced', 'created_at', 'last_used_at'] as const;

type Row = Selectable<PasskeyTable>;
type Descriptor = RequestOptions['allowCredentials'][number];

export function toPasskey({ created_at, last_used_at, ...row }: Pick<Row, (typeof passkeyColumns)[number]>): Passkey {
  return { ...row, created_at: created_at.toISOString(), last_used_at: last_used_at?.toISOString() ?? null };
}

/** Without the ways to reach it that no browser of ours knows: they would refuse the whole list. */
export function passkeyDescriptors(rows: readonly Pick<Row, 'credential_id' | 'transports'>[]): Descriptor[] {
  return rows.map(({ credential_id, transports }) => ({
    type: 'public-key',
    id: credential_id.toString('base64url'),
    transports: transports.filter(isKnown),
  }));
}

function isKnown(transport: string): transport is NonNullable<Descriptor['transports']>[number] {
  return ['ble', 'cable', 'hybrid', 'internal', 'nfc', 'smart-card', 'usb'].includes(transport);
}
