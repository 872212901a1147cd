// `npm run bench:events`: what the way through the outbox and a broker costs beside plain amqplib, and how soon customers are told.
import { availableParallelism, cpus, loadavg } from 'node:os';
import { median, percentile } from '../traffic/percentile.ts';
import { ReadInstead } from '../traffic/read-options.ts';
import { table } from '../traffic/table.ts';
import { measureLatency } from './events-latency.ts';
import { type EventsOptions, readEventsOptions } from './events-options.ts';
import { startServers, type Servers } from './events-servers.ts';
import { type EventsRound, measureThroughput, ways } from './events-throughput.ts';

const say = (line: string): void => console.log(line);
const latencyRounds = 3;
const backends = ['RabbitMQ', 'in process'] as const;

process.exit(await main());

async function main(): Promise<number> {
  try {
    await bench(readEventsOptions(process.argv.slice(2)));
    return 0;
  } catch (error) {
    if (error instanceof ReadInstead) {
      (error.exitCode === 0 ? console.log : console.error)(error.message);
      return error.exitCode;
    }
    console.error(error);
    return 1;
  }
}

async function bench(options: EventsOptions): Promise<void> {
  say(`${availableParallelism()} cores, ${cpus()[0]?.model ?? 'unknown processor'}; load ${loadavg()[0]?.toFixed(1)}`);
  await using servers = await startServers();
  const rounds = await measureThroughput(servers, options, say);
  const latencies = await measureLatencies(servers, options);
  say(`\n${throughputTable(rounds)}\n\n${latencyTable(latencies, options)}`);
  say(`load at the end ${loadavg()[0]?.toFixed(1)}`);
}

type Latencies = Record<(typeof backends)[number], number[][]>;

async function measureLatencies({ adminUrl, rabbit }: Servers, { rate, seconds }: EventsOptions): Promise<Latencies> {
  const latencies: Latencies = { RabbitMQ: [], 'in process': [] };
  for (let round = 0; round < latencyRounds; round++) {
    for (const backend of backends) {
      const amqpUrl = backend === 'RabbitMQ' ? rabbit.url : undefined;
      const ms = await measureLatency({ adminUrl, amqpUrl, rate, seconds });
      latencies[backend].push(ms);
      say(`latency round ${round + 1} of ${latencyRounds}, ${backend}: p50 ${percentile(ms, 0.5).toFixed(1)} ms`);
    }
  }
  return latencies;
}

/** Medians over the rounds; the ratio to plain amqplib is taken within each round, then its median. */
function throughputTable(rounds: readonly EventsRound[]): string {
  const rows = [['outbox to consumer', 'at once', 'events/s', 'ratio', 'CPU µs, all']];
  for (const atOnce of rounds[0]?.keys() ?? []) {
    const cells = rounds.flatMap((round) => round.get(atOnce) ?? []);
    for (const way of ways) {
      const ratio = median(cells.map((cell) => cell[way].perSecond / cell['plain amqplib'].perSecond));
      const perSecond = median(cells.map((cell) => cell[way].perSecond));
      const cpu = median(cells.map((cell) => cell[way].cpuMicros));
      rows.push([way, `${atOnce}`, perSecond.toFixed(0), ratio.toFixed(2), cpu.toFixed(0)]);
    }
  }
  return table(rows);
}

/** Medians over the rounds. */
function latencyTable(latencies: Latencies, { rate }: EventsOptions): string {
  const of = (rounds: readonly number[][], share: number): string =>
    median(rounds.map((ms) => percentile(ms, share))).toFixed(1);
  return table([
    ['commit to notification', 'events/s', 'p50 ms', 'p95 ms'],
    ...backends.map((backend) => [backend, `${rate}`, of(latencies[backend], 0.5), of(latencies[backend], 0.95)]),
  ]);
}
