// Standing at the moment of a commit: whoever ends a session, removes its user or takes their role comes before it or after it.
import { randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { DatabaseAddresses } from '../../../platform/local/databases.ts';
import type { Role } from '../handler/caller.ts';
import { givenSession, givenTellerRow } from '../testing/people.ts';
import { givenDatabases } from '../testing/postgres.ts';
import { createDatabase, type Connected } from './pool.ts';
import { endSessions, forgetDevices } from './sessions.ts';
import { requireStanding } from './standing.ts';
import type { UsersSchema } from './users-schema.ts';

let databases: DatabaseAddresses;
let users: Connected<UsersSchema>;
beforeAll(async () => {
  databases = await givenDatabases();
  users = createDatabase<UsersSchema>(databases.users.url, { max: 4, name: 'test' });
});
afterAll(() => users.pool.end());

let userId = 100;
let sessionId: string;
beforeEach(async () => {
  sessionId = randomUUID();
  await givenTellerRow(databases.users, ++userId);
  await givenSession(databases.users, userId, sessionId);
});

const stand = (more: { role?: Role; session?: string | undefined; needed?: Role } = {}) =>
  users.db.transaction().execute((trx) => {
    const caller = { role: more.role ?? ('teller' as const), userId };
    return requireStanding(trx, { caller, sessionId: 'session' in more ? more.session : sessionId }, more.needed);
  });
const ended = { code: 'session_ended', status: 401 };
const forbidden = { code: 'forbidden', status: 403 };

test('a teller with an open session stands', async () => {
  await stand();
  await stand({ needed: 'teller' });
});

test('a session that ended, another one, somebody else’s and none do not', async () => {
  await expect(stand({ session: undefined })).rejects.toMatchObject(ended);
  await expect(stand({ session: randomUUID() })).rejects.toMatchObject(ended);
  const other = randomUUID();
  await givenTellerRow(databases.users, userId + 1_000);
  await givenSession(databases.users, userId + 1_000, other);
  await expect(stand({ session: other })).rejects.toMatchObject(ended);

  expect(await endSessions(users.db, userId, 'signed_out')).toEqual([sessionId]);
  await expect(stand()).rejects.toMatchObject(ended);
});

test('a role that was given or taken since the token was made does not', async () => {
  await expect(stand({ role: 'customer' })).rejects.toMatchObject(forbidden);
  await users.db.updateTable('bank_user').set({ role: 'customer' }).where('id', '=', BigInt(userId)).execute();
  await expect(stand()).rejects.toMatchObject(forbidden);
  await expect(stand({ role: 'customer', needed: 'teller' })).rejects.toMatchObject(forbidden);
  await stand({ role: 'customer' });
});

test('a removed user does not', async () => {
  await users.db
    .updateTable('bank_user')
    .set({ name: null, email: null, removed_at: sql<Date>`clock_timestamp()` })
    .where('id', '=', BigInt(userId))
    .execute();
  await expect(stand()).rejects.toMatchObject(ended);
});

test.each([
  ['ends', () => endSessions(users.db, userId, 'signed_out').then(() => undefined)],
  [
    'loses its role',
    () =>
      users.db
        .updateTable('bank_user')
        .set({ role: 'customer' })
        .where('id', '=', BigInt(userId))
        .execute()
        .then(() => undefined),
  ],
])('what %s waits for the commit of who stands', async (_how, lose) => {
  const order: string[] = [];
  let losing: Promise<void> | undefined;
  await users.db.transaction().execute(async (trx) => {
    await requireStanding(trx, { caller: { role: 'teller', userId }, sessionId }, 'teller');
    losing = lose().then(() => void order.push('lost'));
    await waitUntilBlocked();
    order.push('committed');
  });
  await losing;
  expect(order).toEqual(['committed', 'lost']);
  await expect(stand()).rejects.toMatchObject({ status: expect.toBeOneOf([401, 403]) });
});

test('ending all sessions but one leaves that one, tells which ended, and does not end them twice', async () => {
  const others = [randomUUID(), randomUUID()];
  for (const other of others) await givenSession(databases.users, userId, other);
  const told = await endSessions(users.db, userId, 'password_changed', { except: sessionId });
  expect(told.sort()).toEqual(others.sort());
  expect(await endSessions(users.db, userId, 'user_removed', { except: sessionId })).toEqual([]);
  await stand();
  const rows = await users.db
    .selectFrom('session')
    .select(['id', 'ended_reason'])
    .where('user_id', '=', BigInt(userId))
    .where('ended_at', 'is not', null)
    .execute();
  expect(rows.map((row) => row.ended_reason)).toEqual(['password_changed', 'password_changed']);

  await forgetDevices(users.db, userId);
  const devices = await users.db
    .selectFrom('session')
    .select(['device', 'network'])
    .where('user_id', '=', BigInt(userId))
    .execute();
  expect(devices).toEqual(Array.from({ length: 3 }, () => ({ device: null, network: null })));
});

async function waitUntilBlocked(): Promise<void> {
  for (;;) {
    const { rows } = await sql<{ waiting: bigint }>`
      SELECT count(*) AS waiting FROM pg_stat_activity
      WHERE datname = current_database() AND wait_event_type = 'Lock'`.execute(users.db);
    if (Number(rows[0]?.waiting) > 0) return;
  }
}
