// The copy of the list of ended sessions: how old it may be, who waits for a newer one, and what there is without it. Counted, not timed.
import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { once } from 'node:events';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { Unavailable } from '../contract/errors.ts';
import { createEndedSessions, type EndedSessions } from './ended-sessions.ts';

const one = randomUUID();
let sessions: string[];
let answer: { status: number; body: string } | undefined;
let asked: number;
let waiting: (() => void) | undefined;
let clockMs: number;
let ended: EndedSessions;

const server = createServer((_request, response) => {
  asked++;
  const send = () => {
    const { status, body } = answer ?? { status: 200, body: JSON.stringify({ sessions }) };
    response.writeHead(status, { 'content-type': 'application/json' }).end(body);
  };
  if (waiting) waiting = send;
  else send();
});
beforeAll(async () => {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
});
afterAll(() => void server.close());
const url = () => `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;

beforeEach(() => {
  [sessions, answer, asked, waiting, clockMs] = [[], undefined, 0, undefined, 0];
  ended = createEndedSessions(url(), () => clockMs);
});

test('the first who asks waits for the list, all others at that moment with them, and from then on nobody', async () => {
  sessions = [one];
  const answers = [ended.has(one), ended.has(randomUUID()), ended.has(one)];
  expect(answers.every((has) => has instanceof Promise)).toBe(true);
  expect(await Promise.all(answers.map((has) => Promise.resolve(has)))).toEqual([true, false, true]);
  expect([ended.has(one), ended.has(randomUUID()), asked]).toEqual([true, false, 1]);
});

test('a list that was fetched before the first request is there for it', async () => {
  await ended.warm();
  expect([ended.has(one), asked]).toEqual([false, 1]);
});

test('after two seconds it is asked for anew while the old one still answers, once however many ask', async () => {
  await ended.warm();
  clockMs = 1_999;
  expect([ended.has(one), asked]).toEqual([false, 1]);
  clockMs = 2_000;
  sessions = [one];
  for (let i = 0; i < 100; i++) expect(ended.has(one)).toBe(false);
  await expect.poll(() => ended.has(one)).toBe(true);
  expect(asked).toBe(2);
});

test('after four seconds, which with the second that the edge keeps it are five, everybody waits for a newer one', async () => {
  await ended.warm();
  sessions = [one];
  clockMs = 4_000;
  const answers = Array.from({ length: 100 }, () => ended.has(one));
  expect(await Promise.all(answers.map((has) => Promise.resolve(has)))).toEqual(answers.map(() => true));
  expect(asked).toBe(2);
});

test('a list that came too late, because sign-in had to start, is asked for once more', async () => {
  waiting = () => undefined;
  const has = ended.has(one);
  await expect.poll(() => asked).toBe(1);
  clockMs = 4_000;
  const send = waiting;
  waiting = undefined;
  sessions = [one];
  send();
  expect([await has, asked]).toEqual([true, 2]);
});

test.each([
  ['answers 500', { status: 500, body: '{"sessions":[]}' }],
  ['answers nonsense', { status: 200, body: 'nonsense' }],
  ['answers another thing', { status: 200, body: '{"keys":[]}' }],
])('who %s is no list: nobody gets an answer who needs one, until there is one again', async (_how, other) => {
  await ended.warm();
  answer = other;
  clockMs = 3_999;
  expect(ended.has(one)).toBe(false);
  clockMs = 4_000;
  await expect(async () => ended.has(one)).rejects.toThrow(Unavailable);
  answer = undefined;
  expect(await ended.has(one)).toBe(false);
});

test('without anybody there it says so, and who was known to have ended stays ended', async () => {
  await expect(async () => createEndedSessions('http://127.0.0.1:1/').has(one)).rejects.toThrow(Unavailable);
  await createEndedSessions('http://127.0.0.1:1/').warm();
  sessions = [one];
  await ended.warm();
  answer = { status: 500, body: '' };
  clockMs = 60_000;
  expect(ended.has(one)).toBe(true);
});
