// What a bank is, without a database: a pure model that says how every command ends. Money is bigint minor units.

export type Actor = { role: 'customer' | 'teller'; userId: number };

/** A request as it is sent; amounts are whatever a client may write. */
export type Command = { actor: Actor; key: string | undefined } & (
  | { op: 'opening'; userId: number; currency: string; balance: unknown; overdraft: unknown }
  | { op: 'deposit' | 'withdrawal'; accountId: number; amount: unknown; door: Door }
  | { op: 'transfer'; accountId: number; targetId: number | undefined; amount: unknown; door: Door }
  | { op: 'reversal'; transactionId: number }
  | { op: 'closing'; accountId: number }
  | { op: 'freeze' | 'unfreeze'; accountId: number }
  | { op: 'overdraft'; accountId: number; amount: unknown }
);
/** Each form of a transaction has a route of its own; POST /transactions takes all three. */
export type Door = 'own' | 'transactions';

export type Account = {
  userId: number;
  currency: string;
  balance: bigint;
  limit: bigint;
  isClosed: boolean;
  isFrozen: boolean;
  version: number;
};
type Transaction = { op: Command['op']; payerId: number; payeeId: number; amount: bigint; isReversed: boolean };

export type Model = {
  userIds: readonly number[];
  accounts: Map<number, Account>;
  transactions: Map<number, Transaction>;
  /** What each caller's key was answered. */
  keys: Map<string, { fingerprint: string; verdict: Verdict }>;
};

/** What a command must be answered, and what it changes: the money moved, the account opened, or something about it. */
export type Verdict = { status: number; code?: string; moves?: Move; opens?: Account; sets?: Change; isReplay?: true };
type Change = { accountId: number } & Partial<Pick<Account, 'isFrozen' | 'limit'>>;
/** From payer to payee; 0 is the bank's cash. */
type Move = { op: Command['op']; payerId: number; payeeId: number; amount: bigint; reverses?: number };

const digitsOf: Record<string, number> = { USD: 2, JPY: 0, KWD: 3 };
const limitMinor = 10n ** 15n;

/** `fingerprint` tells requests apart as the bank does: by caller, route and content. Changes nothing. */
export function judge(model: Model, command: Command, fingerprint: string): Verdict {
  const refused = refuseAtDoor(model, command);
  if (refused) return refused;
  const stored = command.key === undefined ? undefined : model.keys.get(keyOf(command));
  if (stored && stored.fingerprint !== fingerprint) return no(422, 'idempotency_key_reused');
  if (stored) return { ...stored.verdict, isReplay: true };
  return decide(model, command);
}

/** Makes the verdict true. `ids` are those that the bank gave to what is new. */
export function apply(
  model: Model,
  { command, fingerprint, verdict }: { command: Command; fingerprint: string; verdict: Verdict },
  ids: { transactionId: number; accountId: number },
): void {
  if (verdict.isReplay || verdict.code === 'idempotency_key_reused') return;
  if (command.key !== undefined && !refuseAtDoor(model, command)) {
    model.keys.set(keyOf(command), { fingerprint, verdict });
  }
  if (verdict.sets) {
    const { accountId, ...change } = verdict.sets;
    Object.assign(model.accounts.get(accountId)!, change);
  }
  if (verdict.opens) model.accounts.set(ids.accountId, { ...verdict.opens });
  if (!verdict.moves) return;

  const { op, amount, reverses } = verdict.moves;
  const { payerId, payeeId } = verdict.opens ? { payerId: 0, payeeId: ids.accountId } : verdict.moves;
  for (const [id, change] of [
    [payerId, -amount],
    [payeeId, amount],
  ] as const) {
    const account = model.accounts.get(id);
    if (!account) continue;
    account.balance += change;
    account.version++;
    account.isClosed = op === 'closing';
  }
  const original = reverses === undefined ? undefined : model.transactions.get(reverses);
  if (original) original.isReversed = true;
  model.transactions.set(ids.transactionId, { op, payerId, payeeId, amount, isReversed: false });
}

/** Minor units, or undefined for what the currency cannot hold. */
function parse(amount: unknown, currency: string): bigint | undefined {
  const digits = digitsOf[currency] ?? 0;
  const [, units = '', decimals = ''] = /^(\d+)(?:\.(\d+))?$/.exec(String(amount)) ?? [];
  if (units === '' || (units.startsWith('0') && units !== '0') || decimals.length > digits) return undefined;
  const minor = BigInt(units + decimals.padEnd(digits, '0'));
  return minor < limitMinor && BigInt(units) < 10n ** 13n ? minor : undefined;
}

/** Minor units as people write them: 1250n USD is 12.50. Through text, as no float arithmetic of the bank's could. */
export function toDecimal(minor: bigint, currency: string): string {
  const digits = digitsOf[currency] ?? 2;
  const text = String(minor < 0n ? -minor : minor).padStart(digits + 1, '0');
  const [units, decimals] = [text.slice(0, text.length - digits), text.slice(text.length - digits)];
  return `${minor < 0n ? '-' : ''}${units}${decimals && `.${decimals}`}`;
}

/** Refusals that come before the ledger is asked: they are not remembered under the key. */
function refuseAtDoor(model: Model, command: Command): Verdict | undefined {
  const { actor } = command;
  if (isTellers(command.op) && actor.role !== 'teller') return no(403, 'forbidden');
  if (command.op === 'reversal' || command.op === 'freeze' || command.op === 'unfreeze') return undefined;
  const isWrittenWrong = [...amountsOf(command)].some((amount) => !['number', 'string'].includes(typeof amount));
  if (isWrittenWrong) return no(422, 'validation_failed');
  if (command.op === 'opening') return refuseOpening(command);
  if (command.op === 'transfer' && command.targetId === undefined) return no(422, 'validation_failed');

  const account = model.accounts.get(command.accountId);
  if (!account || !mayActFor(actor, account.userId)) return no(404, 'account_not_found');
  if (!('amount' in command)) return undefined;
  const amount = parse(command.amount, account.currency);
  return amount === undefined || (amount === 0n && command.op !== 'overdraft') ? no(422, 'amount_invalid') : undefined;
}

function refuseOpening(command: Command & { op: 'opening' }): Verdict | undefined {
  const { actor, userId, currency, overdraft } = command;
  if (!(currency in digitsOf)) return no(422, 'validation_failed');
  if (!mayActFor(actor, userId)) return no(404, 'user_not_found');
  if (overdraft !== undefined && actor.role !== 'teller') return no(403, 'forbidden');
  const isInvalid = amountsOf(command).some((amount) => parse(amount, currency) === undefined);
  return isInvalid ? no(422, 'amount_invalid') : undefined;
}

/** How the ledger ends it, in the order in which it looks. */
function decide(model: Model, command: Command): Verdict {
  if (command.op === 'opening') {
    const { userId, currency } = command;
    if (!model.userIds.includes(userId)) return no(404, 'user_not_found');
    const [balance, limit] = [command.balance, command.overdraft].map((amount) => parse(amount ?? 0, currency) ?? 0n);
    const account = { userId, currency, balance: 0n, limit: limit!, isClosed: false, isFrozen: false, version: 0 };
    return { status: 201, opens: account, moves: { op: 'opening', payerId: 0, payeeId: 0, amount: balance! } };
  }
  if (command.op === 'freeze' || command.op === 'unfreeze' || command.op === 'overdraft') {
    return decideChange(model, command);
  }
  const reversed = command.op === 'reversal' ? model.transactions.get(command.transactionId) : undefined;
  if (command.op === 'reversal') {
    if (!reversed) return no(404, 'transaction_not_found');
    if (!['deposit', 'withdrawal', 'transfer'].includes(reversed.op)) return no(422, 'not_reversible');
  }
  const moves = reversed
    ? { payerId: reversed.payeeId, payeeId: reversed.payerId, amount: reversed.amount }
    : sidesOf(model, command as Exclude<Command, { op: 'opening' | 'reversal' | Changing }>);
  const payer = model.accounts.get(moves.payerId);
  const payee = model.accounts.get(moves.payeeId);

  const isTransfer = command.op === 'transfer';
  if (payer?.isClosed || (payee?.isClosed && !isTransfer)) return no(422, 'account_closed');
  if (isTransfer && moves.payerId === moves.payeeId) return no(422, 'same_account');
  if (reversed?.isReversed) return no(409, 'already_reversed');
  if (payer?.isFrozen && !reversed) return no(422, 'account_frozen');
  if (command.op === 'closing' && payer?.balance !== 0n) return no(409, 'account_not_empty');
  if (payer && payer.balance + payer.limit < moves.amount) return no(422, 'insufficient_funds');
  const isFull = payee && payee.balance + moves.amount >= limitMinor;
  // All that a payer is told of a payee.
  const canReceive = payee && !payee.isClosed && !isFull && payee.currency === payer?.currency;
  if (isTransfer && !canReceive) return no(422, 'payee_cannot_receive');
  if (isFull) return no(422, 'balance_limit_exceeded');
  const reverses = command.op === 'reversal' ? { reverses: command.transactionId } : {};
  return { status: command.op === 'closing' ? 204 : 201, moves: { op: command.op, ...moves, ...reverses } };
}

type Changing = 'freeze' | 'unfreeze' | 'overdraft';

function isTellers(op: Command['op']): boolean {
  return op === 'reversal' || op === 'freeze' || op === 'unfreeze' || op === 'overdraft';
}

function decideChange(model: Model, command: Command & { op: Changing }): Verdict {
  const { accountId } = command;
  const account = model.accounts.get(accountId);
  if (!account) return no(404, 'account_not_found');
  if (account.isClosed) return no(422, 'account_closed');
  switch (command.op) {
    case 'freeze':
      return account.isFrozen ? no(409, 'already_frozen') : { status: 200, sets: { accountId, isFrozen: true } };
    case 'unfreeze':
      return account.isFrozen ? { status: 200, sets: { accountId, isFrozen: false } } : no(409, 'not_frozen');
    case 'overdraft': {
      const limit = parse(command.amount, account.currency)!;
      return account.balance < -limit ? no(422, 'overdraft_in_use') : { status: 200, sets: { accountId, limit } };
    }
  }
}

function sidesOf(model: Model, command: Exclude<Command, { op: 'opening' | 'reversal' | Changing }>) {
  if (command.op === 'closing') return { payerId: command.accountId, payeeId: 0, amount: 0n };
  const amount = parse(command.amount, model.accounts.get(command.accountId)!.currency)!;
  switch (command.op) {
    case 'deposit':
      return { payerId: 0, payeeId: command.accountId, amount };
    case 'withdrawal':
      return { payerId: command.accountId, payeeId: 0, amount };
    case 'transfer':
      return { payerId: command.accountId, payeeId: command.targetId!, amount };
  }
}

function amountsOf(command: Command): unknown[] {
  if (command.op === 'opening') return [command.balance, command.overdraft].filter((amount) => amount !== undefined);
  return 'amount' in command ? [command.amount] : [];
}

function mayActFor(actor: Actor, userId: number): boolean {
  return actor.role === 'teller' || actor.userId === userId;
}

/** Keys of different callers never meet. */
export function keyOf({ actor, key }: Command): string {
  return `${actor.userId} ${key}`;
}

function no(status: number, code: string): Verdict {
  return { status, code };
}
