// A queue for work that is dear, in which nobody's place depends on how much somebody else asks for.

/**
 * What the work is for, and from where it was asked. Lanes take turns, and in a lane networks do, so a flood of registrations leaves every
 * other turn to those who sign in, and a flood from one network leaves all other networks their turns.
 */
type Turn = { lane: string; network: string };

export type FairQueue = {
  /** Throws what `refusal` makes when too much waits already. */
  run: <T>(turn: Turn, work: () => Promise<T>) => Promise<T>;
};

type Waiting = { start: () => void; refuse: () => void };
/** In order of whose turn is next: a Map keeps it, and whoever had their turn goes to its end. */
type Lane = Map<string, Waiting[]>;

/** `waitingMax`: in each lane. A newcomer to a full lane takes the last place of the network that has most of them, if that has more. */
export function createFairQueue(limits: { atOnce: number; waitingMax: number }, refusal: () => Error): FairQueue {
  const lanes = new Map<string, Lane>();
  let running = 0;

  function wait({ lane: name, network }: Turn): Promise<void> {
    const lane = lanes.get(name) ?? new Map<string, Waiting[]>();
    lanes.set(name, lane);
    makeRoom(lane, network, limits.waitingMax, refusal);
    return new Promise<void>((resolve, reject) => {
      const waiting = { start: resolve, refuse: () => reject(refusal()) };
      lane.set(network, [...(lane.get(network) ?? []), waiting]);
    });
  }

  return {
    async run(turn, work) {
      if (running >= limits.atOnce) {
        // Whoever finishes passes its place on, so `running` is not touched here.
        await wait(turn);
      } else {
        running++;
      }
      try {
        return await work();
      } finally {
        const next = takeNext(lanes);
        if (next) next.start();
        else running--;
      }
    },
  };
}

function makeRoom(lane: Lane, network: string, waitingMax: number, refusal: () => Error): void {
  let total = 0;
  let longest: Waiting[] = [];
  for (const waiting of lane.values()) {
    total += waiting.length;
    if (waiting.length > longest.length) longest = waiting;
  }
  if (total < waitingMax) return;
  // Equal is not more: two networks would throw each other out without end.
  if (longest.length <= (lane.get(network)?.length ?? 0) + 1) throw refusal();
  longest.pop()?.refuse();
}

function takeNext(lanes: Map<string, Lane>): Waiting | undefined {
  for (const [name, lane] of lanes) {
    const next = takeFrom(lane);
    // To the end, or away: an empty lane that came again would have the next turn before those who wait longer.
    lanes.delete(name);
    if (lane.size > 0) lanes.set(name, lane);
    if (next) return next;
  }
  return undefined;
}

function takeFrom(lane: Lane): Waiting | undefined {
  for (const [network, waiting] of lane) {
    const next = waiting.shift();
    lane.delete(network);
    if (waiting.length > 0) lane.set(network, waiting);
    if (next) return next;
  }
  return undefined;
}
