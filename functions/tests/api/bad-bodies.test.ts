// Bodies that are wrong as a whole: cut off, of another type, compressed, too large, with fields that nobody knows.
import { gzipSync } from 'node:zlib';
import { beforeAll, describe, test } from 'vitest';
import { expectUntouched, startWorld, type World } from './testing/people.ts';
import { expectProblem } from './testing/problems.ts';
import { postsOf, type Post } from './testing/posts.ts';
import { send, type Seen, type SendParts } from './testing/send.ts';

let world: World;
let posts: Post[];
let before: Record<string, string>;
beforeAll(async () => {
  world = await startWorld();
  posts = await postsOf(world);
  before = await world.settled();
});

type Sent = Pick<SendParts, 'body' | 'headers'>;
const json = { 'content-type': 'application/json' };
const as = (type: string) => ({ 'content-type': type });
const more = (fields: string) => (right: string) => ({ body: `${right.slice(0, -1)},${fields}}` });
const padding = (bytes: number) => more(`"padding":"${'x'.repeat(bytes)}"`);

const cases: [what: string, spoil: (right: string) => Sent, told: string, pointer?: string][] = [
  ['a field that nobody knows', more('"surprise":1'), '422 validation_failed', '/surprise'],
  ['a field whose name needs escaping', more('"a/b~c":1'), '422 validation_failed', '/a~1b~0c'],
  ['a field called __proto__', more('"__proto__":{"role":"teller"}'), '422 validation_failed', '/__proto__'],
  ['a field called constructor', more('"constructor":{}'), '422 validation_failed', '/constructor'],
  ['a field without a name', more('"":1'), '422 validation_failed', '/'],
  ['a field name with a NUL', more('"a\\u0000b":1'), '422 validation_failed'],
  [
    'a thousand fields that nobody knows',
    more(Array.from({ length: 1_000 }, (_, i) => `"f${i}":1`).join()),
    '422 validation_failed',
    '/f0',
  ],
  ['the same field twice', (right) => ({ body: `{${right.slice(1, -1)},${right.slice(1)}` }), '400 malformed_json'],
  ['a body that is cut off', (right) => ({ body: right.slice(0, -2) }), '400 malformed_json'],
  ['two bodies in one', (right) => ({ body: `${right}${right}` }), '400 malformed_json'],
  ['a comma too many', (right) => ({ body: `${right.slice(0, -1)},}` }), '400 malformed_json'],
  ['a comment', (right) => ({ body: `/* rent */${right}` }), '400 malformed_json'],
  ['a byte order mark', (right) => ({ body: `\ufeff${right}` }), '400 malformed_json'],
  ['UTF-16', (right) => ({ body: Buffer.from(right, 'utf16le') }), '400 malformed_json'],
  [
    'bytes that are no UTF-8',
    (right) => ({ body: Buffer.from(right.replace('{', '{"\xff":1,'), 'latin1') }),
    '400 malformed_json',
  ],
  ['a body of brackets', () => ({ body: '['.repeat(50_000) }), '400 malformed_json'],
  ['a list', (right) => ({ body: `[${right}]` }), '422 validation_failed', ''],
  ['null', () => ({ body: 'null' }), '422 validation_failed', ''],
  ['a number', () => ({ body: '5' }), '422 validation_failed', ''],
  ['a text', (right) => ({ body: JSON.stringify(right) }), '422 validation_failed', ''],
  ['plain text', (body) => ({ body, headers: as('text/plain') }), '415 unsupported_media_type'],
  [
    'a form',
    () => ({ body: 'amount=5', headers: as('application/x-www-form-urlencoded') }),
    '415 unsupported_media_type',
  ],
  [
    'JSON in Latin-1',
    (body) => ({ body, headers: as('application/json; charset=latin1') }),
    '415 unsupported_media_type',
  ],
  ['JSON Lines', (body) => ({ body, headers: as('application/jsonl') }), '415 unsupported_media_type'],
  ['two types', (body) => ({ body, headers: as('application/json, text/plain') }), '415 unsupported_media_type'],
  ['bytes without a type', (right) => ({ body: Buffer.from(right), headers: {} }), '415 unsupported_media_type'],
  [
    'a compressed body',
    (right) => ({ body: gzipSync(right), headers: { ...json, 'content-encoding': 'gzip' } }),
    '415 unsupported_content_encoding',
  ],
  [
    'a body that only says it is compressed',
    (body) => ({ body, headers: { ...json, 'content-encoding': 'br' } }),
    '415 unsupported_content_encoding',
  ],
  ['100 kB', padding(100_000), '413 body_too_large'],
  ['2 MB', padding(2_000_000), '413 body_too_large'],
  ['2 MB in chunks', (right) => ({ body: new Blob([padding(2_000_000)(right).body]).stream() }), '413 body_too_large'],
  ['60 kB of a field that nobody knows', padding(60_000), '422 validation_failed', '/padding'],
];

describe('every POST refuses', () => {
  test.each(cases)('%s', async (_what, spoil, told, pointer) => {
    for (const { path, command } of posts) {
      const { body, headers = json } = spoil(JSON.stringify(command));
      expectProblem(await post(path, { body, headers }), told, pointer);
    }
  });

  test('no body, naming what is missing', async () => {
    for (const { route, path } of posts) {
      if (world.bank.routes.get(route)?.body?.safeParse({}).success) continue;
      for (const headers of [json, {}])
        expectProblem(await post(path, { body: undefined, headers }), '422 validation_failed');
    }
  });

  test('a body where none is taken', async () => {
    const path = await world.fill('/notifications/<new notification>/read');
    before = await world.settled();
    expectProblem(await post(path, { body: '{"read":false}', headers: json }), '422 validation_failed', '/read');
  });
});

test('after all this every list answers, and nothing has changed', () => expectUntouched(world, before));

function post(path: string, sent: Sent): Promise<Seen> {
  return send(`${world.bank.origin}/api`, `POST ${path}`, { token: world.bank.teller.token, ...sent });
}
