// Lives through random steps, over HTTP: sends those of a group at once and compares the bank with the model after each group.
import { expect } from 'vitest';
import type { Account as ShownAccount } from '../../shared/contract/account.ts';
import type { Answer } from '../../shared/testing/harness.ts';
import type { Transaction } from '../../shared/contract/transaction.ts';
import type { LedgerBank } from './bank.ts';
import { audit, now, type Audit, type Since } from './books.ts';
import { fingerprintOf, requestOf } from './command-request.ts';
import { explain, touchedBy, toUnits, type Answered, type Body, type Ended, type Ids } from './explain.ts';
import { apply, judge, keyOf, type Command, type Model } from './model.ts';
import { commandOf, firstSteps, type Step } from './steps.ts';

export type People = { here: LedgerBank; userIds: readonly number[]; tokens: ReadonlyMap<number, string> };

type Life = People & {
  model: Model;
  since: Since;
  before: Audit;
  /** The same in every life would meet the keys of the life before. */
  keyPrefix: string;
  sent: Command[];
  /** What a key was answered, as it must be again. */
  answers: Map<string, unknown>;
  /** Balance and version after each booking, by account and moment. */
  history: Map<number, Map<string, { balance: bigint; version: number }>>;
};
let lives = 0;

/** Fails the test when an answer, an account or the past is not as in the model. The steps of one group are sent at once. */
export async function live(people: People, groups: readonly (readonly Step[])[]): Promise<void> {
  const since = await now(people.here.admin);
  const life: Life = {
    ...people,
    model: { userIds: people.userIds, accounts: new Map(), transactions: new Map(), keys: new Map() },
    since,
    before: await audit(people.here.admin, since),
    keyPrefix: `life ${++lives} `,
    sent: [],
    answers: new Map(),
    history: new Map(),
  };
  for (const group of [...firstSteps.map((step) => [step]), ...groups]) {
    const commands: Command[] = [];
    for (const step of group) {
      const command = commandOf(step, life.model, life.sent);
      if (command) commands.push(command);
      if (command) life.sent.push(command);
    }
    await take(life, commands);
  }
  await expectHistory(life);
}

async function take(life: Life, commands: readonly Command[]): Promise<void> {
  const { here, model, before } = life;
  const answers = await Promise.all(commands.map((command) => send(life, command)));
  const after = await audit(here.admin, life.since);
  const answered = commands.map((command, i) => {
    const answer = answers[i]!;
    return { command, fingerprint: fingerprintOf(requestOf(command)), answer, ids: idsOf(command, answer, after) };
  });
  const story = answered.map((one) => tell(one, model)).join('\n');

  expect(after.violations, story).toEqual([]);
  const ended = explain(model, answered, after.accounts);
  if (!ended) expect.fail(`no order explains these answers with ${JSON.stringify(after.accounts)}:\n${story}`);
  const changes = ended.some(
    ({ verdict }) => (verdict.moves ?? verdict.sets) !== undefined && verdict.isReplay === undefined,
  );
  expect(after.digest !== before.digest, `${story}\nchanges the books`).toBe(changes);

  for (const one of ended) {
    apply(model, one, one.ids);
    remember(life, one, story);
  }
  life.before = after;
}

function send({ here, tokens, keyPrefix }: Life, command: Command): Promise<Answer<Body>> {
  const { method, path, body } = requestOf(command);
  const headers: Record<string, string> =
    command.key === undefined ? {} : { 'idempotency-key': keyPrefix + command.key };
  return here.bank.request<Body>(method, path, { token: tokens.get(command.actor.userId), body, headers });
}

function idsOf(command: Command, { status, body }: Answer<Body>, { openingsAndClosings }: Audit): Ids {
  if (status >= 300) return { transactionId: 0, accountId: 0 };
  const { op } = command;
  if (op === 'freeze' || op === 'unfreeze' || op === 'overdraft')
    return { transactionId: 0, accountId: command.accountId };
  if (op !== 'opening' && op !== 'closing') return { transactionId: body.id, accountId: 0 };
  const accountId = op === 'opening' ? body.id : command.accountId;
  const found = openingsAndClosings.find((one) => one.type === op && one.accountId === accountId);
  return { transactionId: found?.id ?? 0, accountId };
}

/** Called right after the model took it. */
function remember({ model, answers, history }: Life, { command, verdict, answer, ids }: Ended, story: string): void {
  const { body } = answer;
  if (verdict.isReplay && answer.status < 300) expect(body, story).toEqual(answers.get(keyOf(command)));
  else if (command.key !== undefined && answer.status < 300) answers.set(keyOf(command), body);

  for (const id of touchedBy(verdict, ids)) {
    const account = model.accounts.get(id);
    if (!account || command.op === 'closing') continue;
    const moments = history.get(id) ?? new Map<string, { balance: bigint; version: number }>();
    const { balance, version } = account;
    history.set(id, moments.set(verdict.opens ? body.opened_at : body.timestamp, { balance, version }));
  }
}

/** Every balance that ever was can still be read, as of its moment; and the history lists the same transactions. */
async function expectHistory({ here, model, history }: Life): Promise<void> {
  const read = async <T>(path: string) => (await here.bank.request<T>('GET', path, { token: here.teller })).body;
  for (const [id, { currency }] of model.accounts) {
    await Promise.all(
      [...(history.get(id) ?? [])].map(async ([moment, { balance, version }]) => {
        const shown = await read<ShownAccount>(`/accounts/${id}?as_of=${moment}`);
        expect([shown.balance, shown.version], `account ${id} as of ${moment}`).toEqual([
          toUnits(balance, currency),
          version,
        ]);
      }),
    );
    const listed = await read<Transaction[]>(`/transactions?account_id=${id}&limit=1000`);
    const booked = [...model.transactions].filter(([, { payerId, payeeId }]) => payerId === id || payeeId === id);
    expect(listed.map((transaction) => transaction.id)).toEqual(
      booked.map(([transactionId]) => transactionId).reverse(),
    );
  }
}

function tell({ command, fingerprint, answer }: Answered, model: Model): string {
  const asText = (value: unknown) =>
    JSON.stringify(value, (_, inner: unknown) => (typeof inner === 'bigint' ? String(inner) : inner));
  const first = asText(judge(model, command, fingerprint));
  return `${asText(command)} was answered ${answer.status} ${asText(answer.body)}; as the first of all, the model says ${first}`;
}
