// Closed-loop clients over HTTP: each posts its next request when the last one is answered.
import { cpuSince, cpuTimes, type CpuTimes } from './cpu-time.ts';
import { connectKeepAlive, type KeepAliveClient } from './keep-alive-client.ts';
import type { OwnBank } from './own-bank.ts';
import { percentileOfSorted } from '../traffic/percentile.ts';

export type PostRequest = { path: string; body: string };

export type Measured = {
  answered: number;
  perSecond: number;
  p50Ms: number;
  p95Ms: number;
  p99Ms: number;
  /** What was answered with another status than 201, or not at all, by status or reason. */
  errors: Map<string, number>;
  /** CPU time used from the first request until its events were told, in ms. */
  cpu: CpuTimes;
};

type Load = { clients: number; seconds: number; nextRequest: () => PostRequest; afterwards: () => Promise<unknown> };

let nextKey = 0;

/** Sends what `nextRequest` gives, each with a key of its own, from `clients` connections for `seconds`; then `afterwards`. */
export async function measurePosts(
  bank: Pick<OwnBank, 'origin' | 'pid' | 'postgresPid'>,
  token: string,
  { clients, seconds, nextRequest, afterwards }: Load,
): Promise<Measured> {
  const connections = await Promise.all(Array.from({ length: clients }, () => connectKeepAlive(bank.origin, token)));
  const latencies: number[] = [];
  const errors = new Map<string, number>();
  const cpuBefore = await cpuTimes(bank);
  const started = performance.now();
  const until = started + seconds * 1_000;

  async function loop(client: KeepAliveClient): Promise<void> {
    for (let now = started; now < until;) {
      const { path, body } = nextRequest();
      const status = await client.post(path, `bench-${nextKey++}`, body);
      const answeredAt = performance.now();
      if (status === 201) latencies.push(answeredAt - now);
      else count(errors, `${status} ${client.lastBody().slice(0, 200)}`);
      now = answeredAt;
    }
  }
  await Promise.all(connections.map((client) => loop(client).catch((error: unknown) => count(errors, String(error)))));
  const tookMs = performance.now() - started;
  const { client } = cpuSince(cpuBefore, await cpuTimes(bank)); // Not for waiting: that is no part of a client's work.
  for (const connection of connections) connection.close();
  await afterwards();
  const cpu = { ...cpuSince(cpuBefore, await cpuTimes(bank)), client };

  const sorted = Float64Array.from(latencies).sort();
  const answered = sorted.length;
  return {
    answered,
    perSecond: (answered * 1_000) / tookMs,
    p50Ms: percentileOfSorted(sorted, 0.5),
    p95Ms: percentileOfSorted(sorted, 0.95),
    p99Ms: percentileOfSorted(sorted, 0.99),
    errors,
    cpu,
  };
}

function count(errors: Map<string, number>, what: string): void {
  errors.set(what, (errors.get(what) ?? 0) + 1);
}
