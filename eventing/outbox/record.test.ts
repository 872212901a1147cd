// Events recorded with kysely: there if the transaction commits, and only then.
import { Kysely, PostgresDialect } from 'kysely';
import pg from 'pg';
import { afterAll, expect, test } from 'vitest';
import { givenDatabases } from '../../functions/shared/testing/postgres.ts';
import { userRegistered } from '../events/user-registered.ts';
import type { OutboxSchema } from './outbox-schema.ts';
import { type EventToRecord, recordEvent } from './record.ts';

const { users } = await givenDatabases();
const db = new Kysely<OutboxSchema>({
  dialect: new PostgresDialect({ pool: new pg.Pool({ connectionString: users.url, max: 2 }) }),
});
afterAll(() => db.destroy());

const registered: EventToRecord<typeof userRegistered.data> = {
  source: '/microbank/register-user',
  subject: 'users/1',
  time: new Date('2026-11-22T10:15:00.123Z'),
  data: userRegistered.example,
  partitionkey: '1',
  sequence: 1,
  traceparent: null,
};

test('returns the event as it is in the outbox', async () => {
  const event = await db.transaction().execute((trx) => recordEvent(trx, userRegistered, registered));
  const row = await db.selectFrom('outbox').selectAll().where('id', '=', event.id).executeTakeFirstOrThrow();

  expect(event).toEqual({
    ...registered,
    id: expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f]{4}-7/) as string,
    type: 'com.microbank.user.registered',
    time: '2026-11-22T10:15:00.123Z',
    sequence: '00000000000000000001',
  });
  expect(row).toMatchObject({
    type: event.type,
    time: registered.time,
    data: event.data,
    attempts: 0,
    handed_over_at: null,
  });
  expect(row.next_attempt_at.getTime()).toBeGreaterThan(Date.now() + 5_000);
});

test('leaves no event when the transaction is rolled back', async () => {
  const subject = 'users/2';
  const rolledBack = db.transaction().execute(async (trx) => {
    await recordEvent(trx, userRegistered, { ...registered, subject });
    throw new Error('no');
  });
  await expect(rolledBack).rejects.toThrow('no');
  expect(await db.selectFrom('outbox').select('id').where('subject', '=', subject).execute()).toEqual([]);
});
