// Dead letters listed and redriven, on the real functions and databases.
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { toBinaryMessage } from '../../eventing/events/cloudevent.ts';
import { createVoice } from '../../eventing/signing/voice.ts';
import { givenEvent } from '../../eventing/testing/given-event.ts';
import { makeEventKeys } from '../../platform/local/event-keys.ts';
import type { SpeakerKey } from '../shared/process/config.ts';
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
    verified: true,
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

test('an event comes to its consumer as it was, digits included', async () => {
  await givenDeadLetter({ body: '{"amount":10000000000000.001, "more": [1e2, -0.5]}' });
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
  for (let i = 0; i < 11; i++) await Promise.all(Array.from({ length: 10 }, () => givenDeadLetter()));
  expect(await redriveAll()).toEqual({ applied: 97, failed: 3, left: 16 });
  expect(await redriveAll()).toEqual({ applied: 13, failed: 3, left: 3 });
  expect(await notified()).toBe(110);
  expect(await metrics()).toMatch(/^microbank_dead_letters 3$/m);
  expect(await metrics()).toMatch(/^microbank_dead_letters_apart 0$/m);
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

test('what nobody has signed, or another than may say it, is kept apart: not counted, and never sent to anybody', async () => {
  const unsigned = { headers: { 'ce-signature': 'no.good.one' } };
  await givenDeadLetter(unsigned);
  await givenDeadLetter();
  expect(await listed()).toMatchObject([{ id: 2, verified: true }]);
  expect(await listed('?verified=false')).toMatchObject([{ id: 1, verified: false }]);
  expect(await redrive(1)).toMatchObject({ status: 409, body: { code: 'dead_letter_unverified' } });
  expect(await redriveAll()).toEqual({ applied: 1, failed: 0, left: 0 });
  expect(await notified()).toBe(1);
  const { body } = await bank.request('GET', '/operations', { token });
  expect(body).toMatchObject({ dead_letters: 0, dead_letters_apart: 1 });
});

test('a command is not sent again: that is for whoever authorises it, and the answer says so', async () => {
  const headers = { 'ce-type': 'com.microbank.transfer.requested', 'ce-authority': 'not.to.be.kept' };
  await givenDeadLetter({ headers });
  expect(JSON.stringify(await listed('?verified=false'))).not.toContain('not.to.be.kept');
  const { status, body } = await redrive(1);
  expect([status, body]).toMatchObject([409, { code: 'dead_letter_unverified' }]);
  expect(JSON.stringify(body)).toContain('sends it again, authorised anew');
});

test('a letter is discarded with a reason, once: it is no longer listed nor sent, and the trail says by whom', async () => {
  await givenDeadLetter();
  await givenDeadLetter({ headers: { 'ce-signature': 'no.good.one' } });
  const discard = (id: number, reason: string) =>
    bank.request<{ code?: string }>('POST', `/operations/dead-letters/${id}/discard`, { token, body: { reason } });
  expect(await discard(1, '  ')).toMatchObject({ status: 422 });
  for (const reason of ['made by a test', 'again'])
    expect(await discard(1, reason)).toMatchObject({ status: 200, body: { id: 1, reason: 'made by a test' } });
  expect(await discard(2, 'forged')).toMatchObject({ status: 200 });
  expect(await discard(99, 'not there')).toMatchObject({ status: 404 });
  expect([await listed(), await listed('?verified=false')]).toEqual([[], []]);
  expect(await redrive(1)).toMatchObject({ status: 409, body: { code: 'dead_letter_discarded' } });
  expect(await redriveAll()).toEqual({ applied: 0, failed: 0, left: 0 });
  const { body: trail } = await bank.request('GET', '/audit/notifications?act=dead_letter.discarded', { token });
  expect(trail).toMatchObject([
    { subject: 'dead-letters/2', reason: 'forged', actor_id: 900 },
    { subject: 'dead-letters/1', reason: 'made by a test', details: { verified: true } },
  ]);
});

test('what was redriven is not discarded', async () => {
  await givenDeadLetter();
  await redrive(1);
  const answer = await bank.request('POST', '/operations/dead-letters/1/discard', { token, body: { reason: 'late' } });
  expect(answer).toMatchObject({ status: 409, body: { code: 'dead_letter_redriven' } });
});

test('a letter that was signed with a key which is no longer used is redriven as long as the key is published', async () => {
  const [old] = (await makeEventKeys()).filter(({ speaker }) => speaker === 'ledger');
  bank.issuer.publishAlso([old as SpeakerKey]);
  // Keys that are not known are asked for once in two seconds, and the test before may have done that.
  await sleep(2_100);
  const event = givenEvent();
  const { headers, body } = toBinaryMessage(event, createVoice(old as SpeakerKey).signNow(event));
  await givenDeadLetter({ headers, body });
  expect(await redrive(1)).toMatchObject({ status: 200, body: { applied: true } });
  expect(await notified()).toBe(1);
});
