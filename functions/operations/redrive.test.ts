// Dead letters listed and redriven, on the real functions and databases.
import { expect, test } from 'vitest';
import { givenEvent } from '../../eventing/testing/given-event.ts';
import type { DeadLetter, Redriven, RedrivenMany } from './contract.ts';
import { givenOperations } from './testing/given-operations.ts';

const { bank, owner, token, givenDeadLetter, metrics } = await givenOperations();

const listed = async (query = '') =>
  (await bank.request<DeadLetter[]>('GET', `/operations/dead-letters${query}`, { token })).body;
const redrive = (id: number) =>
  bank.request<Redriven & { code?: string }>('POST', `/operations/dead-letters/${id}/redrive`, { token });
const redriveAll = async () =>
  (await bank.request<RedrivenMany>('POST', '/operations/dead-letters/redrive', { token })).body;
const notified = async () => (await owner.notifications.query('SELECT FROM notification')).rowCount;

test('dead letters are listed newest first, with what a teller needs to judge them', async () => {
  await givenDeadLetter();
  const second = await givenDeadLetter();
  const [newest, ...older] = await listed();
  expect(newest).toEqual({
    id: 2,
    type: 'com.microbank.transaction.completed',
    source: '/microbank/deposit',
    event_id: second,
    destination: 'http://127.0.0.1:1/notify/',
    reason_code: 503,
    reason_data: 'the database is away',
    attempts: 1,
    first_received_at: expect.any(String) as string,
    last_received_at: expect.any(String) as string,
    event: expect.objectContaining({ specversion: '1.0', id: second, data: givenEvent().data }) as object,
  });
  expect(older).toMatchObject([{ id: 1 }]);
  const { headers, body } = await bank.request<DeadLetter[]>('GET', '/operations/dead-letters?limit=1', { token });
  expect(body).toMatchObject([{ id: 2 }]);
  const next = /<\/api([^>]+)>/.exec(headers.get('link') ?? '')?.[1] ?? '';
  expect((await bank.request('GET', next, { token })).body).toMatchObject([{ id: 1 }]);
});

test('a redriven event that succeeds has its effect once and leaves the list; again changes nothing', async () => {
  await givenDeadLetter();
  const expected = { id: 1, applied: true, attempts: 1, reason_code: 503, reason_data: 'the database is away' };
  expect(await redrive(1)).toMatchObject({ status: 200, body: expected });
  expect(await listed()).toEqual([]);
  expect(await notified()).toBe(1);
  expect(await redrive(1)).toMatchObject({ status: 200, body: expected });
  expect(await notified()).toBe(1);
});

test('a redriven event that fails again stays, with the latest reason and one attempt more', async () => {
  await givenDeadLetter({ body: '{"surprise":1}' });
  const { body } = await redrive(1);
  expect(body).toMatchObject({ id: 1, applied: false, attempts: 2, reason_code: 500 });
  expect(body.reason_data).toContain('internal_error');
  expect(await listed()).toMatchObject([{ id: 1, attempts: 2, reason_code: 500 }]);
  expect(await redrive(1)).toMatchObject({ body: { attempts: 3 } });
});

test('an event comes to its consumer as it was, broken JSON and digits included', async () => {
  await givenDeadLetter({ body: '{"amount":10000000000000.001, "broken' });
  await givenDeadLetter({ headers: { 'ce-knativeerrordest': 'http://gone.example/' } });
  expect(await redrive(1)).toMatchObject({ body: { applied: false, reason_code: 500 } });
  expect((await redrive(2)).body).toMatchObject({ applied: false, reason_code: -1 });
  expect((await listed())[0]?.reason_data).toBe('no trigger names this destination any more');
});

test('a dead letter that comes again after its redrive is listed again', async () => {
  await givenDeadLetter();
  await redrive(1);
  const { rows } = await owner.notifications.query<{ event: object }>('SELECT event FROM dead_letter');
  const headers = { 'content-type': 'application/cloudevents+json' };
  const body = { ...rows[0]!.event, knativeerrordest: 'http://127.0.0.1:1/notify/', knativeerrorcode: '500' };
  await bank.deliver('POST', '/dead-letter/', { headers, body });
  expect(await listed()).toMatchObject([{ id: 1, attempts: 2, reason_code: 500 }]);
});

test('ten redrives of one letter at once send it once', async () => {
  await givenDeadLetter();
  const answers = await Promise.all(Array.from({ length: 10 }, () => redrive(1)));
  for (const { status, body } of answers)
    expect(status === 200 ? body.applied : body.code).toBe(status === 200 ? true : 'redrive_in_progress');
  expect(answers.some(({ status }) => status === 200)).toBe(true);
  expect(await notified()).toBe(1);
  expect(await listed()).toEqual([]);
});

test('a redrive whose process died is taken over when its time is over', async () => {
  await givenDeadLetter();
  await owner.notifications.query(`UPDATE dead_letter SET redriving_until = now() + interval '1 minute'`);
  const busy = await redrive(1);
  expect([busy.status, busy.headers.get('retry-after')]).toEqual([409, '1']);
  await owner.notifications.query(`UPDATE dead_letter SET redriving_until = now()`);
  expect(await redrive(1)).toMatchObject({ status: 200, body: { applied: true } });
});

test('redriving all does at most a hundred, says how many, and failing letters hold up no others', async () => {
  for (let i = 0; i < 3; i++) await givenDeadLetter({ body: '{"surprise":1}' });
  await owner.notifications.query(
    `INSERT INTO dead_letter (source, event_id, type, subject, event, destination, received_at, last_received_at)
     SELECT source, n::text, type, subject, json_build_object('specversion', '1.0', 'id', n::text, 'source', source, 'type', type,
       'data', $1::json), destination, now(), now() FROM dead_letter, generate_series(1, 110) n WHERE id = 1`,
    [JSON.stringify(givenEvent().data)],
  );
  expect(await redriveAll()).toEqual({ applied: 97, failed: 3, left: 16 });
  expect(await redriveAll()).toEqual({ applied: 13, failed: 3, left: 3 });
  expect(await notified()).toBe(110);
  expect(await metrics()).toMatch(/^microbank_dead_letters 3$/m);
}, 60_000);

test('a letter that is not there is a 404, and none of this is for customers', async () => {
  expect(await redrive(99)).toMatchObject({ status: 404, body: { code: 'dead_letter_not_found' } });
  const customer = await bank.tokenFor({ userId: 1 });
  for (const [method, path] of [
    ['GET', '/operations'],
    ['GET', '/operations/dead-letters'],
    ['POST', '/operations/dead-letters/redrive'],
    ['POST', '/operations/dead-letters/1/redrive'],
  ] as const)
    expect((await bank.request(method, path, { token: customer })).status).toBe(403);
});
