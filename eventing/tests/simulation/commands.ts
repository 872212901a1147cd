// What customers ask of the bank, as plain HTTP or as CloudEvents.
import type { Random } from './random.ts';

/** `late`: its commands go to the program whose commits come late, and nobody else may touch it: they would wait for locks. */
export type Account = { id: number; userId: number; late: boolean };

export type Command = {
  fn: string;
  path: string;
  body: Record<string, unknown>;
  byTeller?: boolean;
  /** The CloudEvent's type and what its data has besides the body; false for plain HTTP. */
  byEvent: { type: string; data?: Record<string, unknown> } | false;
};

export function chooseCommand(
  random: Random,
  accounts: readonly Account[],
  reversible: readonly number[],
  userId: number,
): Command {
  const own = random.pick(accounts.filter((account) => account.userId === userId));
  const other = random.pick(accounts);
  const amount = 1 + random.below(120);
  const asEvent = random.chance(0.4);
  const byEvent = (verb: string, data?: Record<string, unknown>): Command['byEvent'] =>
    asEvent && { type: `com.microbank.${verb}.requested`, ...(data && { data }) };

  switch (random.pick(['deposit', 'withdraw', 'transfer', 'transfer', 'reverse'] as const)) {
    case 'reverse': {
      if (reversible.length === 0) break;
      const id = random.pick(reversible);
      const path = `/transactions/${id}/reversal`;
      return { fn: 'reverse-transaction', path, body: {}, byTeller: true, byEvent: byEvent('reversal', { id }) };
    }
    case 'transfer': {
      if (other === own) break;
      const body = { account_id: own.id, target_account_id: other.id, amount };
      return { fn: 'transfer', path: '/transfers', body, byEvent: byEvent('transfer') };
    }
    case 'withdraw':
      return {
        fn: 'withdraw',
        path: '/withdrawals',
        body: { account_id: own.id, amount },
        byEvent: byEvent('withdrawal'),
      };
    case 'deposit':
      break;
  }
  return { fn: 'deposit', path: '/deposits', body: { account_id: own.id, amount }, byEvent: byEvent('deposit') };
}

/** `toBroker`: the same event for the broker, with an authority in place of a token; absent for plain HTTP. */
export type Message = {
  path: string;
  headers: Record<string, string>;
  body: string;
  toBroker?: Record<string, string>;
};

/** The same message each time that it is sent: key, traceparent and body belong to the command. */
export function messageOf({ fn, path, body, byTeller, byEvent }: Command, userId: number, place: number): Message {
  const key = `command-${userId}-${place}`;
  const traceparent = `00-${String(userId).padStart(32, '0')}-${String(place).padStart(16, '0')}-01`;
  const authority = byTeller ? 'teller:9' : `customer:${userId}`;
  const common = { traceparent, 'content-type': 'application/json' };
  const headers = { ...common, authorization: `Bearer ${authority}` };
  if (!byEvent) {
    return { path: `/${fn}${path}`, headers: { ...headers, 'idempotency-key': key }, body: JSON.stringify(body) };
  }
  const about = { 'ce-specversion': '1.0', 'ce-id': key, 'ce-source': '/simulation', 'ce-type': byEvent.type };
  const event = { ...about, 'ce-traceparent': traceparent };
  return {
    path: `/${fn}/`,
    headers: { ...headers, ...event },
    toBroker: { ...common, ...event, 'ce-authority': authority },
    body: JSON.stringify({ ...body, ...byEvent.data }),
  };
}
