// CloudEvents in and out, as a broker and as a caller of commands see them.
import { pino } from 'pino';
import { beforeAll, beforeEach, expect, test } from 'vitest';
import { startBank, type TestBank } from '../testing/harness.ts';
import { seen, thingsFunction } from '../testing/things-function.ts';

let bank: TestBank;
const logged: string[] = [];
let token: string;
beforeAll(async () => {
  const log = pino({ base: null, level: 'info' }, { write: (line: string) => void logged.push(line) });
  bank = await startBank({ functions: [thingsFunction], log });
  token = await bank.tokenFor({ userId: 7 });
});
beforeEach(() => {
  seen.events.length = 0;
  logged.length = 0;
});

type Problem = { status: number; code: string; detail: string };
const fact = { specversion: '1.0', id: 'e-1', source: '/microbank/open-account', type: 'com.microbank.account.opened' };
const command = { ...fact, type: 'com.microbank.thing.requested' };

const toHeaders = (attributes: Record<string, string>) =>
  Object.fromEntries(Object.entries(attributes).map(([name, value]) => [`ce-${name}`, value]));
const binary = (
  attributes: Record<string, string>,
  data: unknown,
  more: { headers?: object; path?: string; token?: string } = {},
) =>
  bank.deliver<Problem>('POST', more.path ?? '/things/', {
    body: data,
    token: more.token,
    headers: { ...toHeaders(attributes), ...more.headers },
  });
const structured = (event: unknown, more: { path?: string; token?: string } = {}) =>
  bank.deliver<Problem & Record<string, unknown>>('POST', more.path ?? '/things/', {
    body: event,
    token: more.token,
    headers: { 'content-type': 'application/cloudevents+json; charset=utf-8' },
  });

const seenEvents = [
  ['an object', { a: 1 }, { a: 1 }],
  ['null', null, null],
  ['zero', 0, 0],
  ['false', false, false],
  ['a number that loses digits', '{"amount":10000000000000.001}', { amount: Object('10000000000000.001') as unknown }],
] as const;
test.each(seenEvents)('applies an event whose data is %s, binary and structured', async (_what, sent, received) => {
  const text = typeof sent === 'string' ? sent : JSON.stringify(sent);
  const inBinary = await binary(fact, text);
  const inStructured = await structured(`${JSON.stringify(fact).slice(0, -1)},"data":${text}}`);
  expect([inBinary.status, inStructured.status, inBinary.body]).toEqual([204, 204, undefined]);
  expect(seen.events.map(({ data }) => data)).toEqual([received, received]);
});

test('shows a consumer every attribute', async () => {
  const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
  const attributes = {
    ...fact,
    subject: 'things/7 %C3%A9',
    time: '2026-11-23T08:00:00.000Z',
    traceparent,
    sequence: '0001',
  };
  await binary(
    { ...attributes, dataschema: 'https://example.com/s' },
    {},
    { headers: { traceparent: `${traceparent.slice(0, -2)}00` } },
  );
  await structured({ ...attributes, subject: 'things/7 é', attempt: 3, absent: null });
  const { id, source, type, time } = attributes;
  const expected = { id, source, type, time, subject: 'things/7 é', traceparent, extensions: { sequence: '0001' } };
  const signature = expect.any(String) as unknown;
  expect(seen.events).toEqual([
    { ...expected, data: {}, extensions: { sequence: '0001', signature } },
    { ...expected, data: undefined, extensions: { sequence: '0001', attempt: '3', signature } },
  ]);
});

test('takes data_base64', async () => {
  expect(
    await structured({ ...fact, datacontenttype: 'application/json', data_base64: btoa('{"a":1}') }),
  ).toMatchObject({ status: 204 });
  expect(seen.events[0]?.data).toEqual({ a: 1 });
});

const without = (name: string) => Object.fromEntries(Object.entries(fact).filter(([key]) => key !== name));
const poison: [what: string, attributes: Record<string, string>][] = [
  ['no specversion', without('specversion')],
  ['no id', without('id')],
  ['no source', without('source')],
  ['no type', without('type')],
  ['specversion 0.3', { ...fact, specversion: '0.3' }],
  ['specversion 9.9', { ...fact, specversion: '9.9' }],
  ['a time that is none', { ...fact, time: 'yesterday' }],
  ['an empty subject', { ...fact, subject: '' }],
  ['an id of 256 characters', { ...fact, id: 'i'.repeat(256) }],
  ['a dataschema of 1,025 characters', { ...fact, dataschema: `https://${'s'.repeat(1_017)}` }],
  ['an attribute with a name that is none', { ...fact, ['n'.repeat(1_000) + '-']: '1' }],
  ['a type nobody here takes', { ...fact, type: 'com.microbank.thing.forgotten' }],
];
test.each(poison)('answers 500 to an event with %s, so that it is dead-lettered', async (_what, attributes) => {
  for (const answer of [await binary(attributes, {}), await structured({ ...attributes, data: {} })]) {
    expect(answer.status).toBe(500);
    expect(answer.headers.get('content-type')).toBe('application/problem+json');
    expect(answer.body.code).toMatch(/^cloudevent_/);
    expect(answer.body.detail.length).toBeLessThan(300);
  }
  expect(seen.events).toEqual([]);
});

test('answers 500 to what is broken in other ways as well', async () => {
  const answers = [
    await binary(fact, '{"a":'),
    await binary(fact, '"poison"'),
    await binary(fact, 'x'.repeat(70_000)),
    await structured('{'),
    await structured([fact]),
    await structured({ ...fact, data: 1, data_base64: 'MQ==' }),
    await bank.deliver('POST', '/things/', {
      body: [fact],
      headers: { 'content-type': 'application/cloudevents-batch+json' },
    }),
  ];
  expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 500));
});

test('takes facts only where the broker delivers them, not where the edge lets people in', async () => {
  expect((await binary(fact, { size: 1 }, { path: '/things/things', token })).body.code).toBe(
    'cloudevent_type_unexpected',
  );
  expect((await bank.request('POST', '/', { headers: toHeaders(fact), body: {} })).status).toBe(404);
});

test('answers a command with the event it caused, in the mode it came in', async () => {
  const data = { id: 7, size: 1 };
  const inBinary = await binary(command, data, { token });
  expect(inBinary.status).toBe(200);
  expect(inBinary.headers.get('ce-id')).toBe('0198f6d2-0000-7000-8000-000000000001');
  expect(inBinary.headers.get('ce-type')).toBe('com.microbank.transaction.completed');
  expect(inBinary.headers.get('content-type')).toMatch('application/json');
  expect(inBinary.body).toEqual({ id: 7, size: 1, name: 'a thing' });

  const inStructured = await structured({ ...command, data }, { token });
  expect([inStructured.status, inStructured.headers.get('ce-id')]).toEqual([200, null]);
  expect(inStructured.headers.get('content-type')).toMatch('application/cloudevents+json');
  expect(inStructured.body).toMatchObject({ specversion: '1.0', source: '/microbank/things', data: inBinary.body });
});

test('takes a command at its route too, with the id in the path or in the data, and says when it is a replay', async () => {
  const path = '/things/things/2';
  const replayed = await binary(command, { size: 1 }, { token, path });
  expect([replayed.status, replayed.headers.get('idempotency-replayed')]).toEqual([200, 'true']);
  expect((await binary(command, { id: 2, size: 1 }, { token, path })).body).toMatchObject({ id: 2 });
  expect((await binary(command, { id: 3, size: 1 }, { token, path })).body).toEqual({ code: 'validation_failed' });
});

test('records a refused command and answers with the event that says so', async () => {
  for (const [data, code] of [
    [{ id: 7, size: 13 }, 'thing_unlucky'],
    [{ id: 7, size: 1, more: 1 }, 'validation_failed'],
    [{ id: 0, size: 1 }, 'validation_failed'],
    [null, 'validation_failed'],
  ] as const) {
    const answer = await binary(command, data, { token });
    expect([answer.status, answer.headers.get('ce-type'), answer.headers.get('ce-id')]).toEqual([
      200,
      'com.microbank.transaction.refused',
      'e-1',
    ]);
    expect(answer.body).toEqual({ code });
  }
});

test.each([
  ['unauthenticated', 500, { id: 7, size: 1 }, undefined],
  ['internal_error', 500, { id: 7, size: 500 }, 'mine'],
  ['unavailable', 503, { id: 7, size: 57 }, 'mine'],
])('answers %s to a command with %i', async (code, status, data, whose) => {
  const answer = await binary(command, data, whose ? { token } : {});
  expect([answer.status, answer.body.code]).toEqual([status, code]);
});

const secret = 'not.a.token';
test.each([
  ['no authority', {}, command],
  ['a bad authority', { 'ce-authority': secret }, command],
  ['a bad token', { authorization: `Bearer ${secret}` }, command],
  ['no id', {}, { ...command, id: '' }],
])(
  'a command with %s is a clean 4xx at its route, and at the root a 500 that is logged without a stack',
  async (_what, headers, attributes) => {
    const atRoute = await binary(attributes, { size: 1 }, { headers, path: '/things/things/7' });
    expect([400, 401]).toContain(atRoute.status);
    expect(atRoute.headers.get('content-type')).toBe('application/problem+json');
    expect(atRoute.headers.has('www-authenticate')).toBe(atRoute.status === 401);
    expect(logged).toEqual([]);

    const atRoot = await binary(attributes, { size: 1 }, { headers });
    expect([atRoot.status, atRoot.body.code]).toEqual([500, atRoute.body.code]);
    expect(logged.map((line) => JSON.parse(line) as object)).toEqual([
      expect.objectContaining({ level: 40, msg: 'event refused', status: 500, code: atRoute.body.code }),
    ]);
    expect(logged.join()).not.toMatch(/stack|err"|not\.a\.token/);
  },
);

test('what breaks is logged with its stack', async () => {
  await binary(command, { id: 7, size: 500 }, { token });
  expect(logged.join()).toContain('"stack"');
});
