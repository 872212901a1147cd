// Sends requests at a steady rate, whether or not the bank keeps up (an open loop), and says each second how it goes.
import { setTimeout as sleep } from 'node:timers/promises';
import type { Transaction } from '../../functions/shared/contract/transaction.ts';
import { NoAnswer, type BankApi } from './bank-api.ts';
import type { Mix, Operation } from './operations.ts';
import { percentile } from './percentile.ts';
import type { Outcome, Tally } from './tally.ts';

export type Traffic = {
  api: BankApi;
  mix: Mix;
  tally: Tally;
  rate: number;
  seconds: number;
  /** Ends it early. */
  signal: AbortSignal;
  /** Gets one line per second. */
  progress: (line: string) => void;
};

/** Requests under way at most; what is due beyond that is left out, and counted. */
const inFlightMax = 500;

/** Resolves with the transactions that the bank has confirmed, when every request has ended. */
export async function runTraffic({
  api,
  mix,
  tally,
  rate,
  seconds,
  signal,
  progress,
}: Traffic): Promise<Transaction[]> {
  const booked: Transaction[] = [];
  const underWay = new Set<Promise<void>>();
  let recent: number[] = [];
  const started = performance.now();
  const until = started + seconds * 1_000;
  const ticker = setInterval(() => {
    progress(describeProgress(performance.now() - started, tally, underWay.size, recent));
    recent = [];
  }, 1_000);

  async function perform(operation: Operation, dueAt: number): Promise<void> {
    const outcome = await outcomeOf(operation);
    if (!outcome) return;
    const latencyMs = performance.now() - dueAt;
    recent.push(latencyMs);
    tally.record(operation.name, outcome, latencyMs);
  }

  async function outcomeOf({ request, refusals }: Operation): Promise<Outcome | undefined> {
    try {
      const asked = await request();
      if (!asked) return undefined;
      const { status, body, code } = await api.send(asked);
      if (status === 201) {
        booked.push(body as Transaction);
        mix.remember(body as Transaction);
      }
      if (code === undefined) return { kind: 'ok' };
      return refusals.includes(code) ? { kind: 'refused', code } : { kind: 'failed', reason: `${status} ${code}` };
    } catch (error) {
      return { kind: 'failed', reason: error instanceof NoAnswer ? `no answer: ${error.message}` : String(error) };
    }
  }

  for (let sent = 0; !signal.aborted; sent++) {
    const dueAt = started + (sent * 1_000) / rate;
    if (dueAt >= until) break;
    const waitMs = dueAt - performance.now();
    if (waitMs > 1) await sleep(waitMs, undefined, { signal }).catch(() => undefined);
    if (underWay.size >= inFlightMax) {
      tally.totals.skipped++;
      continue;
    }
    const performing = perform(mix.next(), dueAt).finally(() => underWay.delete(performing));
    underWay.add(performing);
  }
  await Promise.all(underWay);
  clearInterval(ticker);
  return booked;
}

function describeProgress(elapsedMs: number, { totals }: Tally, underWay: number, recent: readonly number[]): string {
  const { answered, refused, failed, retried, skipped } = totals;
  const parts = [
    `${String(Math.round(elapsedMs / 1_000)).padStart(4)} s`,
    `${answered} answered (${recent.length} in the last second)`,
    `${refused} refused`,
    `${failed} failed`,
    `${underWay} under way`,
    ...(retried > 0 ? [`${retried} retried`] : []),
    ...(skipped > 0 ? [`${skipped} left out`] : []),
    ...(recent.length > 0 ? [`p95 ${Math.round(percentile(recent, 0.95))} ms`] : []),
  ];
  return parts.join(', ');
}
