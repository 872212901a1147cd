// Random sequences of everything that can be asked of the ledger, over HTTP, against a model that has no database.
import fc from 'fast-check';
import { beforeAll, expect, test } from 'vitest';
import type { Account as ShownAccount } from '../account-contract.ts';
import type { Transaction } from '../transaction-contract.ts';
import { givenLedgerBank, type LedgerBank } from './testing/bank.ts';
import { audit, expectSoundBooks, now, type Audit, type Since } from './testing/books.ts';
import { fingerprintOf, requestOf } from './testing/command-request.ts';
import { apply, judge, keyOf, toDecimal, type Command, type Model, type Verdict } from './testing/model.ts';
import { anyStep, commandOf, firstSteps, type Step } from './testing/steps.ts';

/** More for a longer search: PROPERTY_RUNS=1000. A failure prints the seed, the path and the shortest sequence found. */
const runs = Number(process.env['PROPERTY_RUNS'] ?? 30);
const stepsMax = 80; // 40 in the mean.
const timeoutMs = 60_000 + runs * 2_000;

let here: LedgerBank;
let userIds: number[];
const tokens = new Map<number, string>();

beforeAll(async () => {
  here = await givenLedgerBank();
  userIds = [await here.givenUser(), await here.givenUser()];
  for (const userId of userIds) tokens.set(userId, await here.bank.tokenFor({ userId }));
  tokens.set(900_000, here.teller);
});

test(
  'whatever is asked in whatever order, the bank answers and books as the model does',
  { timeout: timeoutMs },
  async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(anyStep, { minLength: 1, maxLength: stepsMax, size: 'max' }), (steps) =>
        live([...firstSteps, ...steps]),
      ),
      // Ends a long search for a shorter sequence in time to print what was found.
      { numRuns: runs, interruptAfterTimeLimit: timeoutMs - 20_000, markInterruptAsFailure: true },
    );
    await expectSoundBooks(here.admin);
  },
);

type Life = {
  model: Model;
  since: Since;
  before: Audit;
  /** The same in every run would meet the keys of the run before. */
  keyPrefix: string;
  sent: Command[];
  /** What a key was answered, as it must be again. */
  answers: Map<string, unknown>;
  /** Balance and version after each booking, by account and moment. */
  history: Map<number, Map<string, { balance: bigint; version: number }>>;
};
let lives = 0;

async function live(steps: readonly Step[]): Promise<void> {
  const since = await now(here.admin);
  const model: Model = { userIds, accounts: new Map(), transactions: new Map(), keys: new Map() };
  const life: Life = {
    model,
    since,
    before: await audit(here.admin, since),
    keyPrefix: `life ${++lives} `,
    sent: [],
    answers: new Map(),
    history: new Map(),
  };
  for (const step of steps) {
    const command = commandOf(step, model, life.sent);
    if (command) await take(life, command);
  }
  await expectHistory(life);
}

type Body = Transaction & ShownAccount & { code: string };

async function take(life: Life, command: Command): Promise<void> {
  const { model, before } = life;
  const request = requestOf(command);
  const fingerprint = fingerprintOf(request);
  const verdict = judge(model, command, fingerprint);
  life.sent.push(command);

  const answer = await here.bank.request<Body>(request.method, request.path, {
    token: tokens.get(command.actor.userId),
    body: request.body,
    headers: command.key === undefined ? {} : { 'idempotency-key': life.keyPrefix + command.key },
  });
  const after = await audit(here.admin, life.since);
  const accountId = after.accounts.at(-1)?.id ?? 0;
  const told = `${JSON.stringify(command)} was answered ${answer.status} ${JSON.stringify(answer.body)}`;

  expect({ status: answer.status, code: answer.status < 400 ? undefined : answer.body.code }, told).toEqual({
    status: verdict.status,
    code: verdict.code,
  });
  expect(answer.headers.has('idempotency-replayed'), told).toBe(verdict.isReplay === true);
  expect(after.violations, told).toEqual([]);
  const changes = verdict.moves !== undefined && verdict.isReplay === undefined;
  expect(after.digest !== before.digest, `${told}, which changes the books`).toBe(changes);

  apply(model, { command, fingerprint, verdict }, { transactionId: after.lastTransactionId, accountId });
  life.before = after;
  expect(after.accounts, told).toEqual(expectedAccounts(model));
  if (answer.status < 300) expectAnswer(life, { command, verdict, body: answer.body, accountId, told });
}

function expectedAccounts({ accounts }: Model): Audit['accounts'] {
  return [...accounts].map(([id, { balance, version, isClosed }]) => ({
    id,
    balance: `${balance}`,
    version,
    isClosed,
  }));
}

type Answered = { command: Command; verdict: Verdict; body: Body | undefined; accountId: number; told: string };

/** What a success tells: the balances that the model has, and the same words for the same key. */
function expectAnswer(life: Life, { command, verdict, body, accountId, told }: Answered): void {
  if (verdict.isReplay) return expect(body, told).toEqual(life.answers.get(keyOf(command)));
  if (command.key !== undefined) life.answers.set(keyOf(command), body);
  if (!verdict.moves || !body) return;

  const { payerId, payeeId } = verdict.opens ? { payerId: 0, payeeId: accountId } : verdict.moves;
  for (const id of [payerId, payeeId]) {
    const account = life.model.accounts.get(id);
    if (!account) continue;
    const { balance, version, currency, userId } = account;
    const moments = life.history.get(id) ?? new Map<string, { balance: bigint; version: number }>();
    life.history.set(id, moments.set(verdict.opens ? body.opened_at : body.timestamp, { balance, version }));

    const maySee = command.actor.role === 'teller' || command.actor.userId === userId;
    const shown = verdict.opens ? body.balance : body.entries.find((entry) => entry.account_id === id)?.balance_after;
    expect(shown, told).toBe(maySee ? toUnits(balance, currency) : null);
  }
}

/** Every balance that ever was can still be read, as of its moment; and the history lists the same transactions. */
async function expectHistory({ model, history }: Life): Promise<void> {
  const read = async <T>(path: string) => (await here.bank.request<T>('GET', path, { token: here.teller })).body;
  for (const [id, { currency }] of model.accounts) {
    await Promise.all(
      [...(history.get(id) ?? [])].map(async ([moment, { balance, version }]) => {
        const { balance: shown, version: shownVersion } = await read<ShownAccount>(`/accounts/${id}?as_of=${moment}`);
        expect([shown, shownVersion], `account ${id} as of ${moment}`).toEqual([toUnits(balance, currency), version]);
      }),
    );
    const listed = await read<Transaction[]>(`/transactions?account_id=${id}&limit=1000`);
    const booked = [...model.transactions].filter(([, { payerId, payeeId }]) => payerId === id || payeeId === id);
    expect(listed.map((transaction) => transaction.id)).toEqual(
      booked.map(([transactionId]) => transactionId).reverse(),
    );
  }
}

function toUnits(minor: bigint, currency: string): number {
  return Number(toDecimal(minor, currency));
}
