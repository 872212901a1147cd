// What goes wrong besides single messages and statements: programs are killed, are out of order, or run twice.
import type { Place } from './places.ts';
import type { Process } from './process.ts';
import type { World } from './world.ts';

export type Disturbed = {
  world: World;
  places: readonly Place[];
  /** Runs of the relay that are under way. */
  ticks: ReadonlySet<Process>;
  startTick: () => void;
};

/** Called before each step. */
export async function disturb({ world, places, ticks, startTick }: Disturbed): Promise<void> {
  const { random } = world;
  if (world.calm.is || !random.chance(0.06)) return;
  switch (random.pick(['kill', 'kill', 'kill', 'kill-relay', 'tick', 'tick', 'break'] as const)) {
    case 'kill': {
      const place = random.pick(places);
      if (world.fault(`kill ${place.name}`, 1)) await place.kill();
      return;
    }
    case 'kill-relay': {
      const [tick] = ticks;
      if (tick && world.fault('kill relay', 1)) await world.kill(tick);
      return;
    }
    case 'tick':
      if (world.fault('relay at another time', 1)) startTick();
      return;
    case 'break': {
      const place = random.pick(
        places.filter(({ name }) => name === 'notify' || name === 'dead-letter' || name === 'broker'),
      );
      if (world.fault(`${place.name} out of order`, 1)) place.breakFor(random.span(5_000, 300_000));
      return;
    }
  }
}
