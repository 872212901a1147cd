// The relay: each tick is a process of its own, woken each minute as by a PingSource; two may well run at once.
import type { Consumers } from '../../outbox/consumers.ts';
import type { TickSettings } from '../../outbox/tick.ts';
import { createSimulatedPool } from './pool.ts';
import { createProcess, type Process } from './process.ts';
import { voiceAt } from './speech.ts';
import { brokerUrl, silent, type Surroundings } from './programs.ts';

export type Ticks = { underWay: ReadonlySet<Process>; start: () => void; stopPings: () => void };

export function startTicks(
  { world, network, labels, databases }: Surroundings,
  { tick, consumers }: { tick: (settings: TickSettings) => Promise<unknown>; consumers: Consumers },
): Ticks {
  const underWay = new Set<Process>();
  const { poster } = network;
  let started = 0;
  let isStopped = false;

  function start(): void {
    const process = createProcess(`relay-${++started}`);
    const end = (): void => void underWay.delete(process);
    process.onKilled.add(end);
    underWay.add(process);
    const settings: TickSettings = {
      context: 'ledger',
      pool: createSimulatedPool({ world, labels, pool: databases.ledger.pool }),
      brokerUrl,
      voice: voiceAt(world),
      consumers,
      log: silent,
      reconciling: { poster },
      sweeping: { poster },
      pruning: { poster, now: world.date },
    };
    // A fault ends the tick, and the next one begins again.
    world
      .run(process, () => tick(settings))
      .then(
        () => world.note(`${process.name} is done`),
        (error: unknown) => world.note(`${process.name} failed: ${String(error)}`),
      )
      .finally(end);
  }

  async function ping(): Promise<void> {
    for (;;) {
      await world.sleep(60_000);
      if (isStopped) return;
      start();
    }
  }
  void ping();
  return {
    underWay,
    start,
    stopPings() {
      isStopped = true;
    },
  };
}
