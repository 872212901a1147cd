// Lists: links that lead through everything once while new items arrive, skip, and the order of items.
import { beforeAll, describe, expect, test } from 'vitest';
import type { Account } from '../../shared/contract/account.ts';
import { startWorld, type World } from './testing/people.ts';
import { send, type Seen } from './testing/send.ts';

let world: World;
let api: string;
let account: Account;
beforeAll(async () => {
  world = await startWorld();
  api = `${world.bank.origin}/api`;
  account = await world.bank.givenAccount(world.alice, { balance: 100 });
  for (let i = 1; i <= 7; i++) await world.bank.givenDeposit(account.id, i, { description: `number ${i}` });
});

const asAlice = (line: string) => send(api, line, { token: world.alice.token });
const idsOf = ({ body }: Seen) => (body as { id: number }[]).map(({ id }) => id);
const nextOf = ({ headers }: Seen) => /^<(\/api\/[^>]+)>; rel="next"$/.exec(headers.get('link') ?? '')?.[1]?.slice(4);

/** Follows the links from page to page; `meanwhile` happens after each page. */
async function walk(
  path: string,
  token: string,
  meanwhile: () => Promise<unknown> = async () => {},
): Promise<number[][]> {
  const pages: number[][] = [];
  for (let next: string | undefined = path; next !== undefined && pages.length < 50;) {
    const page = await send(api, `GET ${next}`, { token });
    expect([next, page.status]).toEqual([next, 200]);
    pages.push(idsOf(page));
    next = nextOf(page);
    await meanwhile();
  }
  return pages;
}

describe('the links of a list lead through each item once, while new ones arrive', () => {
  const deposit = () => world.bank.givenDeposit(account.id, 1);
  test.each<[string, () => string, () => Promise<unknown>]>([
    ['/transactions of an account', () => `/transactions?account_id=${account.id}`, deposit],
    ['/transactions of a type', () => '/transactions?type=deposit', deposit],
    ['/transactions with a text', () => `/transactions?account_id=${account.id}&q=NUMBER`, deposit],
    ['/transactions between two amounts', () => '/transactions?min_amount=2&max_amount=6.5&type=deposit', deposit],
    ['/transactions of everybody', () => '/transactions', deposit],
    ['/notifications', () => `/notifications?user_id=${world.alice.id}`, deposit],
    ['/notifications unread', () => '/notifications?unread=true', deposit],
    ['/users', () => '/users', () => world.bank.givenPerson(`Late${crypto.randomUUID().slice(0, 8)}`)],
    [
      '/users with a text',
      () => '/users?q=example.com',
      () => world.bank.givenPerson(`Later${crypto.randomUUID().slice(0, 8)}`),
    ],
  ])('%s', async (_what, pathOf, meanwhile) => {
    const path = pathOf();
    const token = world.bank.teller.token;
    const join = path.includes('?') ? '&' : '?';
    await world.settled();
    const expected = idsOf(await send(api, `GET ${path}${join}limit=1000`, { token }));
    expect(expected.length).toBeGreaterThan(3);

    const pages = await walk(`${path}${join}limit=2`, token, meanwhile);
    expect(pages.flat()).toEqual(expected);
    expect(pages.every((page) => page.length === 2 || page === pages.at(-1))).toBe(true);
  });

  test('/accounts, which are in the order of their opening, so that new ones come last', async () => {
    const token = world.bank.teller.token;
    const path = `/accounts?user_id=${world.alice.id}&status=open`;
    const before = idsOf(await send(api, `GET ${path}`, { token }));
    const late: number[] = [];
    const open = async () => late.length < 3 && late.push((await world.bank.givenAccount(world.alice)).id);
    expect((await walk(`${path}&limit=1`, token, open)).flat()).toEqual([...before, ...late]);
  });

  test('and skip leaves out as many as it says', async () => {
    for (const list of ['/transactions', '/notifications', '/users', '/accounts']) {
      const token = world.bank.teller.token;
      const all = idsOf(await send(api, `GET ${list}?limit=1000`, { token }));
      expect([list, ...idsOf(await send(api, `GET ${list}?skip=2&limit=2`, { token }))]).toEqual([
        list,
        ...all.slice(2, 4),
      ]);
      expect((await walk(`${list}?skip=2&limit=3`, token)).flat()).toEqual(all.slice(2));
      expect(idsOf(await send(api, `GET ${list}?skip=100000`, { token }))).toEqual([]);
    }
  });
});

test('lists are bare arrays, the newest first, and a last page has no link', async () => {
  for (const list of ['/transactions', '/notifications']) {
    const answer = await asAlice(`GET ${list}?limit=1000`);
    const times = (answer.body as { timestamp: string }[]).map(({ timestamp }) => timestamp);
    expect(times).toEqual([...times].sort().reverse());
    expect(answer.headers.has('link')).toBe(false);
  }
});
