// Texts that are dear to look at if one is careless: in every field, query and header a 4xx at the most, and nothing changes.
import { beforeAll, expect, test } from 'vitest';
import { expectUntouched, startWorld, type World } from './testing/people.ts';
import { flawsOf } from './testing/problems.ts';
import { postsOf, type Post } from './testing/posts.ts';
import { send } from './testing/send.ts';

let world: World;
let posts: Post[];
let before: Record<string, string>;
beforeAll(async () => {
  world = await startWorld();
  posts = await postsOf(world);
  before = await world.settled();
});

/** Each makes about as many characters as it is asked for. */
const texts: Record<string, (length: number) => string> = {
  digits: (length) => '1'.repeat(length),
  zeros: (length) => '0'.repeat(length),
  'zeros before a one': (length) => `1.${'0'.repeat(length)}1`,
  spaces: (length) => `x${' '.repeat(length)}x`,
  'plus signs': (length) => `${'+15'.repeat(length / 3)}\n`,
  'line breaks': (length) => `x${'\n'.repeat(length)}x`,
  'combining characters': (length) => `e${'\u0315\u0300'.repeat(length / 2)}`,
  'nested brackets': (length) => '['.repeat(length / 2) + ']'.repeat(length / 2),
  'at signs': (length) => 'a@a.'.repeat(length / 4),
  'a second of many digits': (length) => `2026-01-01T00:00:00.${'1'.repeat(length)}Z`,
  'a second of 150 digits': () => `2026-01-01T00:00:00.${'1'.repeat(150)}Z`,
};
const rows = Object.entries(texts);
/** A body holds 64 KiB, of which some of these need two bytes for a character; a request line and its headers 16 KiB. */
const inBody = 30_000;
const inHeaders = 2_000;

/** What a field may well hold: any text of 150 digits is a description, and a password to try. */
const takes150 =
  /^(description|reason|current_password|source|id)$|^POST \/((web-)?sessions|password-resets) email$|^POST \/(?!users )\S* password$/;

test.each(rows)('every field of every POST refuses %s', async (what, make) => {
  const flaws: string[] = [];
  for (const { route, path, command } of posts) {
    for (const field of Object.keys(command)) {
      if (what === 'a second of 150 digits' && (takes150.test(field) || takes150.test(`${route} ${field}`))) continue;
      const line = `POST ${path} ${JSON.stringify({ ...command, [field]: make(inBody) })}`;
      const seen = await world.ask(line, world.bank.teller.token);
      flaws.push(...flawsOf(seen, `/${field}`).map((flaw) => `${route} ${field}: ${flaw}`));
    }
  }
  expect(flaws).toEqual([]);
});

/** As they are written in the body, not as text. */
const inNumber = 60_000;
const numbers: [what: string, written: string][] = [
  ['60,000 digits', '1'.repeat(inNumber)],
  ['60,000 zeros before a one', `1.${'0'.repeat(inNumber)}1`],
  ['60,000 zeros after a one', `1${'0'.repeat(inNumber)}`],
  ['60,000 decimals of nothing', `0.${'0'.repeat(inNumber)}1`],
  ['an exponent of 60,000 digits', `1e${'1'.repeat(inNumber)}`],
  ['brackets', `${'['.repeat(inNumber / 2)}${']'.repeat(inNumber / 2)}`],
  ['15,000 numbers', `[${'1.5,'.repeat(inNumber / 4)}1]`],
];
test.each(numbers)('every field of every POST refuses %s as a number', async (_what, written) => {
  const flaws: string[] = [];
  for (const { route, path, command } of posts) {
    for (const field of Object.keys(command)) {
      const fields = Object.entries({ ...command, [field]: undefined }).map(
        ([name, value]) => `${JSON.stringify(name)}:${name === field ? written : JSON.stringify(value)}`,
      );
      const seen = await world.ask(`POST ${path} {${fields.join()}}`, world.bank.teller.token);
      const pointer = written.startsWith('[[') ? undefined : `/${field}`;
      flaws.push(...flawsOf(seen, pointer).map((flaw) => `${route} ${field}: ${flaw}`));
    }
  }
  expect(flaws).toEqual([]);
});

/** Part of a description may be any text of this length or less, and one more digit than there is finds nothing. */
const takesAny = new Set(['GET /transactions q', 'GET /users q', 'GET /users email']);

test.each(rows)('every query and every id in a path refuses %s', async (what, make) => {
  const flaws: string[] = [];
  const text = encodeURIComponent(make(inHeaders / (what === 'combining characters' ? 2 : 1)));
  for (const [route, { query }] of world.bank.routes) {
    const [method = '', path = ''] = route.split(' ');
    const names = Object.keys(query?.shape ?? {});
    const lines = names.map((name): [string, string] => [
      name,
      `${method} ${path.replace('{id}', '1')}?${name}=${text}`,
    ]);
    if (path.includes('{id}')) lines.push(['id', `${method} ${path.replace('{id}', text)}`]);
    for (const [name, line] of lines) {
      const seen = await world.ask(line, world.bank.teller.token);
      if (what === 'a second of 150 digits' && takesAny.has(`${route} ${name}`)) continue;
      flaws.push(...flawsOf(seen, `/${name}`).map((flaw) => `${route} ${name}: ${flaw}`));
    }
  }
  expect(flaws).toEqual([]);
});

const headers =
  'authorization cookie accept content-type content-encoding idempotency-key if-none-match last-event-id traceparent x-requested-with sec-fetch-site x-forwarded-for origin';
const starts: Record<string, string> = {
  authorization: 'Bearer ',
  cookie: 'microbank_session=',
  accept: 'text/csv;q=',
};

test.each(rows)('no header breaks anything that holds %s', async (_what, make) => {
  // What no header can hold is left to others; bytes beyond ASCII come as Latin-1.
  const text = make(inHeaders)
    .replaceAll('\n', '\t')
    .replaceAll(/[^\t -~]/g, '\xe9');
  const broken: string[] = [];
  for (const name of headers.split(' ')) {
    for (const [route, { body }] of world.bank.routes) {
      const post = posts.find((known) => known.route === route);
      if (!route.startsWith('GET ') && !post) continue;
      // As nobody, so that what is right apart from the header does nothing.
      const line = post ? `POST ${post.path} {"surprise":1}` : route.replace('{id}', '1');
      const { status } = await send(`${world.bank.origin}/api`, line, {
        headers: { [name]: (starts[name] ?? '') + text },
      });
      if (status >= 500 || (body && status < 400)) broken.push(`${name} of ${route}: ${status}`);
    }
  }
  expect(broken).toEqual([]);
});

test.each(rows)(
  'an event whose attributes hold %s is not taken for a success, and is no fault of ours',
  async (_what, make) => {
    const right = { specversion: '1.0', id: '1', source: '/tests', type: 'com.microbank.deposit.requested' };
    for (const name of ['id', 'source', 'type', 'subject', 'time', 'dataschema', 'partitionkey']) {
      const headers = { 'content-type': 'application/cloudevents+json' };
      const event = { ...right, [name]: make(inBody), data: {} };
      const { status, body } = await world.bank.deliver<{ code: string }>('POST', '/deposit/', {
        headers,
        body: event,
      });
      expect([name, status]).toEqual([name, 500]); // A dispatcher takes a 4xx for success.
      expect(['cloudevent_invalid', 'cloudevent_type_unexpected', 'unauthenticated']).toContain(body.code);
    }
  },
);

test('after all this every list answers, and nothing has changed', () => expectUntouched(world, before));
