// Every field of every command × every value it must not have: a 4xx that names the field, and nothing changes.
import { beforeAll, expect, test } from 'vitest';
import type * as z from 'zod';
import { flawsOf } from './testing/problems.ts';
import { postsOf, type Post } from './testing/posts.ts';
import { expectUntouched, startWorld, type World } from './testing/people.ts';

let world: World;
let posts: Post[];
let before: Record<string, string>;
beforeAll(async () => {
  world = await startWorld();
  posts = await postsOf(world);
  before = await world.settled();
});

/** As they are written in the body. What is no JSON at all cannot be laid at a field's door. */
const noJson = {
  'bare NaN': 'NaN',
  'bare Infinity': '-Infinity',
  undefined: 'undefined',
  'a leading zero': '007',
  'a raw control character': '"a\u0007b"',
  'nesting deeper than anything of ours': `${'['.repeat(40)}${']'.repeat(40)}`,
};
const values = {
  '1e400': '1e400',
  '-0': '-0',
  '0': '0',
  '-1': '-1',
  '0.001': '0.001',
  '1.5': '1.5',
  'a decimal comma': '"1,5"',
  'ten trillion': '10000000000000',
  'more digits than a double has': '10000000000000.001',
  null: 'null',
  'an array': '[]',
  'an object': '{}',
  'a nested array': `${'['.repeat(20)}${']'.repeat(20)}`,
  true: 'true',
  'a word': '"text"',
  'a blank': '" "',
  'a text of 60 kB': `"${'x'.repeat(60_000)}"`,
  'a NUL': '"a\\u0000b"',
  'half a surrogate pair': '"a\\ud800b"',
  'a control character': '"a\\u0007b"',
  'a line break': '"a\\nb"',
  'year 0': '"0000-01-01T00:00:00Z"',
  'an offset of a day': '"2026-01-01T00:00:00+23:59"',
  'a time without offset': '"2026-01-01T00:00:00"',
};
type Value = keyof typeof values;

const dates: Value[] = ['year 0', 'an offset of a day', 'a time without offset'];
const text: Value[] = ['a decimal comma', 'a word', ...dates];
const anyText: Value[] = [...text, 'a blank', 'a control character', 'a line break'];
/** What a field may well hold, so it is not sent. */
const acceptable: Record<string, readonly Value[]> = {
  amount: ['1.5'],
  balance: ['0', '1.5'],
  overdraft_limit: ['0', '1.5'],
  description: ['null', 'a blank', ...text],
  reason: text,
  'POST /transactions/{id}/reversal reason': ['null', 'a blank', ...text],
  name: text,
  password: dates,
  new_password: dates,
  current_password: anyText,
  code: anyText,
  remove_passkeys: ['true'],
  'POST /password-resets email': text,
  'POST /users/{id}/profile password': anyText,
  'POST /passkeys/options password': anyText,
  phone: ['null'],
  up_to_id: ['ten trillion'],
  renewal_secret: anyText,
  is_active: ['true'],
  source: text,
  id: text,
  data: ['an object'],
  'POST /sessions email': text,
  'POST /sessions password': anyText,
  'POST /web-sessions email': text,
  'POST /web-sessions password': anyText,
};

/** How many there are is known when the tests are made, what they are only when the bank runs. */
const postsMax = 25;

test('every field of every POST has its turn', () => {
  const known = posts.map(({ route, command }) => `${route}: ${Object.keys(command).sort().join()}`);
  const promised = [...world.bank.routes].flatMap(([route, { body }]) =>
    body ? [`${route}: ${Object.keys(body.shape).sort().join()}`] : [],
  );
  expect(known.sort()).toEqual(promised.sort());
  expect(known).toHaveLength(postsMax);
});

test.each(Array.from({ length: postsMax }, (_, i) => i))(
  'names the field that is wrong, in POST number %i',
  async (number) => {
    const { route, path, command } = posts[number]!;
    const wrong: string[] = [];
    for (const field of Object.keys(command)) {
      const fine = acceptable[`${route} ${field}`] ?? acceptable[field] ?? [];
      const bad = Object.entries(values).filter(([what]) => !fine.includes(what as Value));
      for (const [what, value] of bad) {
        const seen = await world.ask(`POST ${path} ${spoilt(command, field, value)}`, world.bank.teller.token);
        wrong.push(...flawsOf(seen, `/${field}`).map((flaw) => `${route} ${field} = ${what}: ${flaw}`));
      }
      for (const [what, value] of Object.entries(noJson)) {
        const seen = await world.ask(`POST ${path} ${spoilt(command, field, value)}`, world.bank.teller.token);
        if (seen.told !== '400 malformed_json') wrong.push(`${route} ${field} = ${what}: ${seen.told}`);
        wrong.push(...flawsOf(seen).map((flaw) => `${route} ${field} = ${what}: ${flaw}`));
      }
    }
    expect(wrong).toEqual([]);
  },
);

test('names the field that is missing', async () => {
  const told: Record<string, string[]> = {};
  for (const { route, path, command } of posts) {
    const body = world.bank.routes.get(route)?.body;
    for (const field of Object.keys(command)) {
      if ((body?.shape[field] as z.ZodType).safeParse(undefined).success) continue;
      const rest = Object.fromEntries(Object.entries(command).filter(([name]) => name !== field));
      const seen = await world.ask(`POST ${path} ${JSON.stringify(rest)}`, world.bank.teller.token);
      told[`${route} without ${field}`] = [seen.told, ...flawsOf(seen, `/${field}`)];
    }
  }
  expect(Object.keys(told)).toHaveLength(42);
  expect(new Set(Object.values(told).flat())).toEqual(new Set(['422 validation_failed']));
});

test('after all this every list answers, and nothing has changed', () => expectUntouched(world, before));

function spoilt(command: Record<string, unknown>, field: string, value: string): string {
  const fields = Object.entries(command).map(
    ([name, right]) => `"${name}":${name === field ? value : JSON.stringify(right)}`,
  );
  return `{${fields.join()}}`;
}
