// A steady load on the bank while something is done to it, and whether every command was applied exactly once.
import { setTimeout as sleep } from 'node:timers/promises';
import type { Transaction } from '../../../functions/shared/contract/transaction.ts';
import { listAll } from '../../traffic/bank-api.ts';
import { checkBooks } from '../../traffic/check-books.ts';
import { assembleCast, type Cast } from '../../traffic/customers.ts';
import { createMix } from '../../traffic/operations.ts';
import { percentile } from '../../traffic/percentile.ts';
import { runTraffic } from '../../traffic/run-traffic.ts';
import { createTally } from '../../traffic/tally.ts';
import { findBank, firstTeller, operations, nothingOwed, type TestedBank } from './bank.ts';

const warmUpSeconds = 15;

export type Load = { rate: number; seconds: number };
export type Loaded = {
  answered: number;
  failed: number;
  retried: number;
  confirmed: number;
  p50Ms: number;
  p95Ms: number;
  maxMs: number;
  /** Of 5xx and missing answers, by reason. */
  reasons: string;
  /** Since the load ended, until `events owed` was 0. */
  owedSeconds: number;
  owedAtEnd: number;
  /** In words; empty when nothing was lost and nothing doubled. */
  differences: string[];
};

/** Puts the load on, calls `disturb` after a third of it, and checks the books when everything has come to rest. */
export async function underLoad({ rate, seconds }: Load, disturb: () => Promise<void>): Promise<Loaded> {
  const tally = createTally();
  const bank = await findBank(() => tally.totals.retried++);
  const options = { url: bank.url, rate, seconds, users: 4, tellerFile: '', ...(await firstTeller()) };
  const cast = await assembleCast(bank.api, options);
  await warmUp(bank, cast, rate);
  const before = await transactionsOf(bank, cast);
  tally.totals.retried = 0;

  const disturbing = sleep((seconds * 1_000) / 3).then(disturb);
  const booked = await runTraffic({
    api: bank.api,
    mix: createMix(cast),
    tally,
    rate,
    seconds,
    signal: new AbortController().signal,
    progress: () => undefined,
  });
  await disturbing;

  const { events_owed: owedAtEnd } = await operations(bank);
  const owedSeconds = await nothingOwed(bank);
  const differences = await checkBooks(bank.api, cast, booked);
  const added = (await transactionsOf(bank, cast)).size - before.size;
  // Every command was answered in the end, so that each transaction that nobody was told of is one that was applied twice.
  if (added !== booked.length) differences.push(`${booked.length} transactions were confirmed, ${added} were booked`);
  const { books } = await operations(bank);
  for (const { currency, sum } of books) if (sum !== 0) differences.push(`the entries in ${currency} add up to ${sum}`);

  const latencies = [...tally.operations.values()].flatMap(({ latenciesMs }) => latenciesMs);
  const reasons = [...tally.operations].flatMap(([name, { failed }]) =>
    [...failed].map(([reason, count]) => `${name}: ${reason} × ${count}`),
  );
  const { answered, failed, retried } = tally.totals;
  return {
    answered,
    failed,
    retried,
    confirmed: booked.length,
    p50Ms: percentile(latencies, 0.5),
    p95Ms: percentile(latencies, 0.95),
    maxMs: Math.max(...latencies),
    reasons: reasons.join('; '),
    owedAtEnd,
    owedSeconds,
    differences,
  };
}

/** So that what is measured is what is done to the bank, and not how its functions start, a dozen of them at once. */
async function warmUp({ api }: TestedBank, cast: Cast, rate: number): Promise<void> {
  const signal = new AbortController().signal;
  const progress = () => undefined;
  await runTraffic({ api, mix: createMix(cast), tally: createTally(), rate, seconds: warmUpSeconds, signal, progress });
}

export function describe(loaded: Loaded): string {
  const { answered, failed, retried, confirmed, p50Ms, p95Ms, maxMs, owedAtEnd, owedSeconds } = loaded;
  const ms = (value: number): string => String(Math.round(value));
  return (
    `${answered} answered, ${failed} failed, ${retried} sent again, ${confirmed} booked, ` +
    `ms p50 ${ms(p50Ms)} p95 ${ms(p95Ms)} max ${ms(maxMs)}, events owed ${owedAtEnd}, 0 after ${owedSeconds.toFixed(0)} s`
  );
}

async function transactionsOf({ api, teller }: TestedBank, { accounts }: Cast): Promise<Set<number>> {
  const ids = new Set<number>();
  const token = await teller.token();
  for (const { id } of accounts) {
    for (const transaction of await listAll<Transaction>(api, token, `/transactions?account_id=${id}&limit=1000`)) {
      ids.add(transaction.id);
    }
  }
  return ids;
}
