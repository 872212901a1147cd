// Lets a given number of things happen at once; the others wait their turn, first come first served.

export type Slots = {
  use: <T>(work: () => Promise<T>) => Promise<T>;
  /** How many wait for their turn. */
  waiting: () => number;
};

export function createSlots(count: number): Slots {
  let free = count;
  const waiting: (() => void)[] = [];

  return {
    waiting: () => waiting.length,
    async use(work) {
      if (free > 0) free--;
      else await new Promise<void>((resolve) => waiting.push(resolve));
      try {
        return await work();
      } finally {
        // The slot goes to the next in line directly, so that nobody who comes now can overtake.
        const next = waiting.shift();
        if (next) next();
        else free++;
      }
    },
  };
}
