// Crashes at the moments that made or lost money in the original system (S5, S6): a copy is killed, the retry goes to the other.
import { randomUUID } from 'node:crypto';
import { afterEach, beforeAll, expect, test, vi } from 'vitest';
import { until } from '../../eventing/testing/given-event.ts';
import { startFunctionProcess } from '../shared/testing/harness.ts';
import { atOnce, givenLedgerBank, sendTo, type Booked, type LedgerBank, type Send } from './testing/bank.ts';
import { expectSoundBooks } from './testing/books.ts';
import { givenGate, type Gate } from './testing/gate.ts';

// Each test starts two processes, which takes seconds on a machine that is busy.
vi.setConfig({ testTimeout: 60_000 });

let here: LedgerBank;
beforeAll(async () => {
  here = await givenLedgerBank();
});
afterEach(() => expectSoundBooks(here.admin));

type Doomed = { send: Send; kill: () => Promise<unknown>; gate: Gate };
type FunctionName = Parameters<typeof sendTo>[1];

/** A copy that reaches the database through a gate, to be killed, and one that survives. */
async function givenDoomedAndSurvivor(name: FunctionName): Promise<{ doomed: Doomed; survivor: Send }> {
  const { databases, issuer, teller } = here;
  const gate = await givenGate(databases.ledger.url);
  const [doomed, survivor] = await Promise.all(
    [gate.url, databases.ledger.url].map((url) => startFunctionProcess(name, { DATABASE_URL: url }, { issuer })),
  );
  return {
    doomed: { send: sendTo(doomed!, name, teller), kill: () => doomed!.kill('SIGKILL'), gate },
    survivor: sendTo(survivor!, name, teller),
  };
}

/** Resolves with the answer, or with undefined when the process died before it answered. */
const answerOf = (sent: Promise<Booked>): Promise<Booked | undefined> => sent.catch(() => undefined);

test('S5: a copy killed in the middle of 400 transfers leaves each of them whole or absent', async () => {
  const { doomed, survivor } = await givenDoomedAndSurvivor('transfer');
  const [from, to] = [await here.givenAccount({ balance: 1000 }), await here.givenAccount()];
  const transfer = { account_id: from.id, target_account_id: to.id, amount: 1 };
  let killed: Promise<unknown> | undefined;

  const answers = await atOnce(400, async (i) => {
    const answer = await answerOf(doomed.send(transfer, `transfer ${i}`));
    killed ??= doomed.kill();
    return answer;
  });
  await killed;
  expect(answers.filter((answer) => answer === undefined).length).toBeGreaterThan(0);
  expect(answers.filter((answer) => answer && answer.status !== 201)).toEqual([]);

  // Half-way: whatever was moved is on both sides and in the history.
  await expectSoundBooks(here.admin);
  expect((await here.balanceOf(from.id)) + (await here.balanceOf(to.id))).toBe(1000);

  const retried = await atOnce(400, (i) => survivor(transfer, `transfer ${i}`));
  expect(new Set(retried.map(({ body }) => body.id)).size).toBe(400);
  for (const [i, answer] of answers.entries()) if (answer) expect(retried[i]?.body).toEqual(answer.body);
  expect([await here.balanceOf(from.id), await here.balanceOf(to.id)]).toEqual([600, 400]);
});

test('S6: after a kill between commit and reply the retry gets the stored answer, and the money moved once', async () => {
  const { doomed, survivor } = await givenDoomedAndSurvivor('deposit');
  const { id } = await here.givenAccount();
  const key = randomUUID();
  // Its connection is open and the account known, so that the next thing it asks the database is to commit.
  await doomed.send({ account_id: id, amount: 1 });

  doomed.gate.holdAnswers();
  const lost = answerOf(doomed.send({ account_id: id, amount: 50 }, key));
  await until(async () => (await here.balanceOf(id)) === 51, 'the deposit to be committed');
  await doomed.kill();
  expect(await lost).toBeUndefined();

  const retry = await survivor({ account_id: id, amount: 50 }, key);
  expect([retry.status, retry.headers.get('idempotency-replayed')]).toEqual([201, 'true']);
  expect(retry.body).toMatchObject({ type: 'deposit', amount: 50 });
  expect(retry.body.entries).toContainEqual({ account_id: id, amount: 50, balance_after: 51 });
  expect((await survivor({ account_id: id, amount: 50 }, key)).body).toEqual(retry.body);
  expect(await here.balanceOf(id)).toBe(51);
});

test('S6: a refusal that was stored but never told is told to the retry, although it would pass by then', async () => {
  const { doomed, survivor } = await givenDoomedAndSurvivor('withdraw');
  const { id } = await here.givenAccount({ balance: 10 });
  const key = randomUUID();
  await doomed.send({ account_id: id, amount: 1 });

  doomed.gate.holdAnswers();
  const lost = answerOf(doomed.send({ account_id: id, amount: 50 }, key));
  const isStored = async () =>
    (await here.admin.query('SELECT FROM idempotency_key WHERE key = $1', [key])).rowCount === 1;
  await until(isStored, 'the refusal to be stored');
  await doomed.kill();
  expect(await lost).toBeUndefined();
  await here.bank.request('POST', '/deposits', { token: here.teller, body: { account_id: id, amount: 100 } });

  const retry = await survivor({ account_id: id, amount: 50 }, key);
  expect([retry.status, retry.body.code]).toEqual([422, 'insufficient_funds']);
  expect(await here.balanceOf(id)).toBe(109);
});

test('S6: a retry that arrives while the killed copy is still committing waits for it and has no effect of its own', async () => {
  const { doomed, survivor } = await givenDoomedAndSurvivor('deposit');
  const { id } = await here.givenAccount();
  const key = randomUUID();
  const waiting = async (event: string) => {
    const { rowCount } = await here.admin.query(
      `SELECT FROM pg_stat_activity WHERE datname = current_database() AND usename = 'microbank_ledger' AND wait_event = $1`,
      [event],
    );
    return rowCount === 1;
  };

  const blocker = await here.admin.connect();
  try {
    await blocker.query('BEGIN');
    await blocker.query('SELECT FROM account WHERE id = $1 FOR UPDATE', [id]);
    const lost = answerOf(doomed.send({ account_id: id, amount: 50 }, key));
    await until(() => waiting('transactionid'), 'the deposit to wait for the account');
    await doomed.kill();
    expect(await lost).toBeUndefined();

    const retry = survivor({ account_id: id, amount: 50 }, key);
    await until(() => waiting('advisory'), 'the retry to wait for the key');
    await blocker.query('COMMIT');
    const { status, headers, body } = await retry;
    expect([status, headers.get('idempotency-replayed')]).toEqual([201, 'true']);
    expect(body.entries).toContainEqual({ account_id: id, amount: 50, balance_after: 50 });
  } finally {
    blocker.release(true);
  }
  expect(await here.balanceOf(id)).toBe(50);
});
