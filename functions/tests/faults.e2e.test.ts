// PostgreSQL breaking under load: connections killed again and again, a server that is away. Clients retry with their key.
import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, beforeAll, expect, test } from 'vitest';
import type { Account } from '../shared/contract/account.ts';
import { startFunctionProcess, type Answer } from '../shared/testing/harness.ts';
import {
  atOnce,
  givenLedgerBank,
  givenTwoCopies,
  sendTo,
  type Booked,
  type LedgerBank,
  type Send,
} from './testing/bank.ts';
import { expectSoundBooks } from './testing/books.ts';
import { givenGate } from './testing/gate.ts';

const clients = 100;
const killEveryMs = 150;
const killForMs = 6_000;

let here: LedgerBank;
beforeAll(async () => {
  here = await givenLedgerBank({ poolMax: 2 });
});
afterEach(() => expectSoundBooks(here.admin));

test(
  'with every connection killed again and again and a pool of 2, 100 clients lose and double no cent',
  { timeout: 60_000 },
  async () => {
    const copies = await Promise.all([
      givenTwoCopies('deposit', here, { POOL_MAX: '2' }),
      givenTwoCopies('withdraw', here, { POOL_MAX: '2' }),
      givenTwoCopies('transfer', here, { POOL_MAX: '2' }),
    ]);
    const [deposit, withdraw, transfer] = copies.map(({ send }) => send) as [Send, Send, Send];
    const accounts = await atOnce(10, () => here.givenAccount({ balance: 1_000_000 }));
    const idOf = (i: number) => accounts[i % accounts.length]!.id;
    const booked = new Map<string, Booked['body']>();

    const kills = killConnections();
    await atOnce(clients, async (client) => {
      for (let i = 0; !kills.areOver(); i++) {
        const [account_id, target_account_id] = [idOf(client + i), idOf(client + i + 1 + (i % 8))];
        const key = `client ${client} request ${i}`;
        const send = [
          () => deposit({ account_id, amount: 7 }, key),
          () => withdraw({ account_id, amount: 3 }, key),
          () => transfer({ account_id, target_account_id, amount: 11 }, key),
        ][(client + i) % 3]!;
        booked.set(key, (await untilTaken(send)).body);
        await untilTaken(() => here.bank.request<Account>('GET', `/accounts/${account_id}`, { token: here.teller }));
      }
    });
    expect(await kills.count).toBeGreaterThan(10);

    // One transaction for each key, and none besides: nothing was lost, nothing came twice.
    const { rows } = await here.admin.query<{ id: string }>(
      `SELECT id::int AS id FROM transaction WHERE type <> 'opening' ORDER BY id`,
    );
    expect(rows.map(({ id }) => id)).toEqual([...booked.values()].map(({ id }) => id).sort((a, b) => a - b));
    const change = [...booked.values()].reduce(
      (sum, { type }) => sum + ({ deposit: 7, withdrawal: -3 }[type as string] ?? 0),
      0,
    );
    const balances = await Promise.all(accounts.map(({ id }) => here.balanceOf(id)));
    expect(balances.reduce((sum, balance) => sum + balance, 0)).toBe(10 * 1_000_000 + change);
  },
);

test('a database that is away is 503 with Retry-After, not unreadiness; when it is back the same key goes through', async () => {
  const gate = await givenGate(here.databases.ledger.url);
  await gate.shut();
  const process = await startFunctionProcess('deposit', { DATABASE_URL: gate.url }, { issuer: here.issuer });
  const { id } = await here.givenAccount();
  const deposit = (key: string) => sendTo(process, 'deposit', here.teller)({ account_id: id, amount: 5 }, key);

  for (const key of ['away since the start', 'away again']) {
    await gate.shut();
    const postponed = await deposit(key);
    expect([postponed.status, postponed.body.code]).toEqual([503, 'unavailable']);
    expect(Number(postponed.headers.get('retry-after'))).toBeGreaterThan(0);
    for (const probe of ['/livez', '/readyz', '/healthz'])
      expect((await process.request('GET', probe)).status).toBe(200);

    await gate.open();
    expect((await untilTaken(() => deposit(key))).status).toBe(201);
  }
  expect(await here.balanceOf(id)).toBe(10);
  expect((await process.kill('SIGTERM')).code).toBe(0);
});

/** Kills all connections of the application, whatever they are doing, every so often for a while. */
function killConnections() {
  let isOver = false;
  const kill = async () => {
    let count = 0;
    const until = performance.now() + killForMs;
    while (performance.now() < until) {
      const { rowCount } = await here.admin.query(
        `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
         WHERE datname = current_database() AND usename = 'microbank_ledger'`,
      );
      count += rowCount ?? 0;
      await pause(killEveryMs);
    }
    return count;
  };
  const count = kill().finally(() => (isOver = true));
  return { count, areOver: () => isOver };
}

const triesMax = 200;

/** Sends until it is taken. Nothing but "later" may be said in between: no 500, no refusal, no broken connection. */
async function untilTaken<T>(send: () => Promise<Answer<T>>): Promise<Answer<T>> {
  for (let tries = 1; tries <= triesMax; tries++) {
    const answer = await send();
    if (answer.status < 300) return answer;
    const { code } = answer.body as { code: string };
    expect(['503 unavailable', '409 request_in_progress']).toContain(`${answer.status} ${code}`);
    expect(answer.headers.has('retry-after')).toBe(true);
    await pause(20);
  }
  throw new Error(`was not taken in ${triesMax} tries`);
}
