// Rounds in which plain amqplib and both brokers have their turn one after the other, so that a slow minute touches all alike.
import pg from 'pg';
import { startProgram, type Program } from '../../eventing/testing/program.ts';
import { transactionCompleted } from '../../eventing/events/transaction-completed.ts';
import { cpuTimes } from './cpu-time.ts';
import type { EventsBrokerSettings } from './events-broker-program.ts';
import { measurePipeline, startCountingConsumer } from './events-pipeline.ts';
import { measurePlain } from './events-plain.ts';
import type { EventsOptions } from './events-options.ts';
import type { Servers } from './events-servers.ts';

export const ways = ['plain amqplib', 'RabbitMQ', 'in process'] as const;
type Way = (typeof ways)[number];

/** `cpuMicros` of all programs together, per event: what a machine that is busy with other things distorts least. */
type EventsCell = { perSecond: number; cpuMicros: number };
export type EventsRound = Map<number, Record<Way, EventsCell>>;

const warmUpEvents = 1_000;

export async function measureThroughput(
  servers: Servers,
  { events, rounds, concurrency }: Pick<EventsOptions, 'events' | 'rounds' | 'concurrency'>,
  say: (line: string) => void,
): Promise<EventsRound[]> {
  await using undo = new AsyncDisposableStack();
  const outbox = undo.adopt(new pg.Pool({ connectionString: servers.ledger.url, max: 8 }), (pool) => pool.end());
  const admin = undo.adopt(new pg.Pool({ connectionString: servers.ledger.adminUrl, max: 1 }), (pool) => pool.end());
  const consumer = undo.adopt(await startCountingConsumer(), ({ close }) => close());
  const startBroker = async (amqpUrl: string | undefined): Promise<Program> => {
    const settings: EventsBrokerSettings = { amqpUrl, subscriberUrl: consumer.url };
    const file = new URL('./events-broker-program.ts', import.meta.url);
    return undo.adopt(await startProgram(file, settings), ({ kill }) => kill());
  };
  const overRabbit = await startBroker(servers.rabbit.url);
  const inProcess = await startBroker(undefined);

  const content = Buffer.from(JSON.stringify(transactionCompleted.example));
  const through = (brokerUrl: string, count: number, atOnce: number): Promise<number> =>
    measurePipeline({ outbox, admin, brokerUrl, consumer }, count, atOnce);
  const measures: Record<Way, (count: number, atOnce: number) => Promise<number>> = {
    'plain amqplib': (count, atOnce) => measurePlain(servers.rabbit.url, content, count, atOnce),
    RabbitMQ: (count, atOnce) => through(overRabbit.url, count, atOnce),
    'in process': (count, atOnce) => through(inProcess.url, count, atOnce),
  };
  const cpuOfAll = async (): Promise<number> => {
    const [first, second] = await Promise.all([
      cpuTimes({ pid: overRabbit.pid, postgresPid: servers.postgresPid }),
      cpuTimes({ pid: inProcess.pid, postgresPid: servers.rabbitPid }),
    ]);
    return first.client + first.bank + first.postgres + second.bank + second.postgres;
  };
  const measure = async (way: Way, atOnce: number): Promise<EventsCell> => {
    const before = await cpuOfAll();
    const ms = await measures[way](events, atOnce);
    return { perSecond: (events * 1_000) / ms, cpuMicros: (((await cpuOfAll()) - before) * 1_000) / events };
  };

  for (const way of ways) await measures[way](warmUpEvents, Math.max(...concurrency));
  const measured: EventsRound[] = [];
  while (measured.length < rounds) {
    const round: EventsRound = new Map();
    for (const atOnce of concurrency) {
      const cells = {} as Record<Way, EventsCell>;
      for (const way of ways) cells[way] = await measure(way, atOnce);
      round.set(atOnce, cells);
      const rates = ways.map((way) => `${way} ${Math.round(cells[way].perSecond)}/s`).join(', ');
      say(`round ${measured.length + 1} of ${rounds}, ${atOnce} at once: ${rates}`);
    }
    measured.push(round);
  }
  return measured;
}
