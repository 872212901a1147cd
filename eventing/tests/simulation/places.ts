// Where processes run: each place has one at a time, starts another when it was killed, and can be out of order for a while.
import type { Handler, Network } from './network.ts';
import { createProcess, type Process } from './process.ts';
import type { World } from './world.ts';

export type Place = {
  name: string;
  kill: () => Promise<void>;
  /** Answers 503 for so long, as a function whose database is away does. */
  breakFor: (ms: number) => void;
  /** Runs and works from now on, as far as nobody kills it. */
  repair: () => void;
};

/** `start` makes the program anew: nothing that it had in memory is there again. */
export function openPlace(
  world: World,
  { servers }: Network,
  name: string,
  start: (process: Process) => Handler,
): Place {
  let process: Process | undefined;
  let brokenUntilMs = 0;

  function launch(): void {
    if (process?.alive) return;
    const launched = createProcess(name);
    process = launched;
    const handler = world.run(launched, () => start(launched));
    servers.set(name, {
      process: launched,
      handler: (received) => (world.nowMs() < brokenUntilMs ? Promise.resolve(unavailable()) : handler(received)),
    });
  }
  launch();

  return {
    name,
    async kill() {
      if (!process?.alive) return;
      await world.kill(process);
      servers.delete(name);
      void world.sleep(world.random.span(50, 60_000)).then(launch);
    },
    breakFor(ms) {
      world.note(`! ${name} is out of order for ${ms} ms`);
      brokenUntilMs = world.nowMs() + ms;
    },
    repair() {
      brokenUntilMs = 0;
      launch();
    },
  };
}

const unavailable = () => ({ status: 503, headers: {}, body: Buffer.from('unavailable') });
