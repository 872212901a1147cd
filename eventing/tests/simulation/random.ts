// A seeded generator: the same seed gives the same numbers on every machine, so a failing schedule comes again exactly.

export type Random = {
  /** From 0 up to but not 1. */
  next: () => number;
  /** A whole number from 0 to `below - 1`. */
  below: (below: number) => number;
  chance: (probability: number) => boolean;
  pick: <T>(items: readonly T[]) => T;
  /** Milliseconds between the two, short ones as likely as long ones on a scale of powers. */
  span: (fromMs: number, toMs: number) => number;
};

/** sfc32, of which 32 bits a number are used. */
export function createRandom(seed: number): Random {
  let [a, b, c, counter] = [0x9e3779b9, 0x243f6a88, seed | 0, 1];

  function next(): number {
    const sum = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = ((c << 21) | (c >>> 11)) + sum;
    c |= 0;
    return (sum >>> 0) / 2 ** 32;
  }
  // Neighbouring seeds begin alike; after some rounds they have nothing in common.
  for (let i = 0; i < 15; i++) next();

  const below = (limit: number): number => Math.floor(next() * limit);
  return {
    next,
    below,
    chance: (probability) => next() < probability,
    pick(items) {
      if (items.length === 0) throw new Error('there is nothing to pick from');
      return items[below(items.length)] as (typeof items)[number];
    },
    span: (fromMs, toMs) => Math.round(fromMs * (toMs / fromMs) ** next()),
  };
}
