// Query strings and paths that are wrong: a 422 that names the parameter, for every route that has one.
import { beforeAll, describe, expect, test } from 'vitest';
import { expectUntouched, startWorld, type World } from './testing/people.ts';
import { expectProblem, flawsOf } from './testing/problems.ts';
import type { Seen } from './testing/send.ts';

let world: World;
let before: Record<string, string>;
/** Paths of the routes that are read, with ids of what is there; lists have a `limit`. */
let reads: string[];
let lists: string[];
beforeAll(async () => {
  world = await startWorld();
  const { bank } = world;
  const ids: Record<string, string> = {
    users: '<alice>',
    accounts: '<account>',
    transactions: '1',
    notifications: '1',
  };
  const paths = [...bank.routes].flatMap(([key, route]) =>
    key.startsWith('GET ') ? [[key.slice(4), route] as const] : [],
  );
  reads = await Promise.all(
    paths.map(([path]) => world.fill(path.replace('{id}', ids[path.split('/')[1] ?? ''] ?? ''))),
  );
  lists = paths.filter(([, { query }]) => query && 'limit' in query.shape).map(([path]) => path);
  // Two of everything, so that every list has a second page.
  await world.fill('<new dead letter> <new dead letter> <new audit entries> <new audit entries>');
  before = await world.settled();
});

const get = (pathAndQuery: string): Promise<Seen> => world.ask(`GET ${pathAndQuery}`, world.bank.teller.token);

async function flawsOfAll(
  paths: readonly string[],
  query: string,
  pointer: string,
  told = '422 validation_failed',
): Promise<string[]> {
  const flaws: string[] = [];
  for (const path of paths) {
    const seen = await get(`${path}?${query}`);
    if (seen.told !== told) flaws.push(`GET ${path}?${query}: ${seen.told}`);
    else flaws.push(...flawsOf(seen, pointer).map((flaw) => `GET ${path}?${query}: ${flaw}`));
  }
  return flaws;
}

describe('every list refuses', () => {
  const numbers = '-1 0 1001 1000000 abc 1.5 1e2 0x10 +5 05 %20 %D9%A3 NaN null 99999999999999999999 %00 %ff'.split(
    ' ',
  );
  test.each(['', ...numbers])('limit=%s', async (limit) => {
    expect(await flawsOfAll(lists, `limit=${limit}`, '/limit')).toEqual([]);
  });

  const fineToSkip = ['0', '1001', '1000000'];
  test.each(['', ...numbers.filter((text) => !fineToSkip.includes(text)), '1000001'])('skip=%s', async (skip) => {
    expect(await flawsOfAll(lists, `skip=${skip}`, '/skip')).toEqual([]);
  });

  test.each([
    ['nothing', ''],
    ['garbage', 'garbage'],
    ['a NUL', '%00'],
    ['no JSON', encode('{"filters":')],
    ['a list', encode('[]')],
    ['null', encode('null')],
    ['no position', encode('{"filters":{}}')],
    ['3 kB', 'a'.repeat(3_000)],
    ...positions().map((next): [string, string] => [`another list, at ${next}`, forged('GET /nowhere', next)]),
  ])('a cursor: %s', async (_what, cursor) => {
    expect(await flawsOfAll(lists, `cursor=${cursor}`, '/cursor')).toEqual([]);
  });

  test.each(positions())('a forged position: %s', async (next) => {
    for (const list of lists) {
      const seen = await get(`${list}?cursor=${forged(`GET ${list}`, next)}`);
      expectProblem(seen, '422 validation_failed', '/cursor');
    }
  });

  test("every other list's cursor", async () => {
    for (const list of lists) {
      const { headers } = await get(`${list}?limit=1`);
      const cursor = /[?&]cursor=([\w-]+)>; rel="next"/.exec(headers.get('link') ?? '')?.[1];
      expect(cursor, list).toBeDefined();
      expect((await get(`${list}?cursor=${cursor}`)).status).toBe(200);
      expect(
        await flawsOfAll(
          lists.filter((other) => other !== list),
          `cursor=${cursor}`,
          '/cursor',
        ),
      ).toEqual([]);
      // A limit may change on the way, a filter may not.
      expect((await get(`${list}?cursor=${cursor}&limit=2`)).status).toBe(200);
      expect(await flawsOfAll([list], `cursor=${cursor}&from=2026-01-01T00:00:00Z`, '/cursor')).toEqual([]);
      expect(await flawsOfAll([list], `cursor=${cursor!.slice(0, -6)}`, '/cursor')).toEqual([]);
    }
  });
});

test('every route refuses a parameter that nobody knows', async () => {
  expect(await flawsOfAll(reads, 'surprise=1', '/surprise')).toEqual([]);
  expect(await flawsOfAll(reads, '__proto__=1', '/__proto__')).toEqual([]);
  expect(await flawsOfAll(reads, 'LIMIT=1', '/LIMIT')).toEqual([]);
});

test('every route refuses a parameter that is given twice', async () => {
  for (const [key, { query }] of world.bank.routes) {
    for (const name of Object.keys(query?.shape ?? {})) {
      const path = reads.find((read) => read.replace(/\d+/, '{id}') === key.slice(4))!;
      expect(await flawsOfAll([path], `${name}=1&${name}=1`, `/${name}`)).toEqual([]);
    }
  }
});

describe('every moment refuses', () => {
  const noMoments = [
    '',
    '1',
    'yesterday',
    '2026-11-01T00:00:00',
    '2026-13-01T00:00:00Z',
    '2026-02-30T00:00:00Z',
    '2026-01-01T25:00:00Z',
    '2026-01-01T00:00:00%2B23:99',
    '0000-01-01T00:00:00Z',
    '%2B010000-01-01T00:00:00Z',
    '2026-01-01T00:00:00+00:00',
    "2026-01-01T00:00:00Z'--",
    'infinity',
    'now',
  ];
  test.each(noMoments)('%s', async (text) => {
    const account = await world.fill('/accounts/<account>');
    expect(await flawsOfAll([account], `as_of=${text}`, '/as_of')).toEqual([]);
    const periods = ['/transactions', `${account}/statement`, `${account}/days`, '/accounts/days'];
    expect(await flawsOfAll(periods, `from=${text}`, '/from')).toEqual([]);
    expect(await flawsOfAll(periods, `to=${text}`, '/to')).toEqual([]);
  });

  test('breaks at nothing that it may be asked about, far as it is', async () => {
    const far = ['0001-01-01T00:00:00Z', '9999-12-31T23:59:59.999999999Z', '2026-01-01T00:00:00-11:59'];
    for (const text of [...far, '2026-01-01T00:00:00%2B23:59', '0001-01-01T00:00:00%2B15:00']) {
      for (const path of ['/transactions?from=', '/transactions?to=', '/accounts/<account>?as_of=']) {
        expect([200, 404, 422], `${path}${text}`).toContain((await get(`${path}${text}`)).status);
      }
    }
  });
});

const noIds = `abc 0 -1 1.5 1e3 01 +1 %201 9007199254740992 99999999999999999999 %00 %ZZ % %FF %D9%A1 1'-- 1%2F2 null`;
test.each(noIds.split(' '))('every path with an id refuses %s', async (id) => {
  for (const [key] of world.bank.routes) {
    if (!key.includes('{id}')) continue;
    const seen = await world.ask(key.replace('{id}', id), world.bank.teller.token);
    expect([key, ...flawsOf(seen, '/id')]).toEqual([key]);
    expect([key, seen.told]).toEqual([key, '422 validation_failed']);
  }
});

test('after all this every list answers, and nothing has changed', () => expectUntouched(world, before));

/** As the bank would never write them into a cursor. */
function positions(): string[] {
  return '{} {"id":"abc"} {"id":1.5} {"id":1e300} {"id":-999} {"id":""} {"id":null} {"id":"1;drop"} {"other":1}'.split(
    ' ',
  );
}

function forged(list: string, next: string): string {
  return encode(`{"list":"${list}","filters":{},"next":${next}}`);
}

function encode(text: string): string {
  return Buffer.from(text).toString('base64url');
}
