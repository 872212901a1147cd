// Wakes the open streams of this process when their person has something new: by LISTEN, and by a poll in case that fails.
import { Refusal, Unavailable } from '../shared/contract/errors.ts';

const pollMs = 5_000;
const mostStreams = 200;
const mostStreamsOfOnePerson = 20;

/** One open stream. `position` is the id of the last notification it has sent; the stream itself moves it on. */
export type Seat = {
  position: number;
  /** Resolves when there may be something after `position`, or when the stream has to end. */
  changed: () => Promise<void>;
  leave: () => void;
};

export type LiveFeed = {
  /** Throws Unavailable or a 429 when there are too many streams. The seat is given up by leave() or by the signal. */
  join: (userId: number, signal: AbortSignal) => Seat;
};

export type FeedSource = {
  /** Runs until the signal is aborted: reports whom something new is for, and each time it (re)connected. */
  listen: (hear: (userId: number) => void, onConnected: () => void, signal: AbortSignal) => Promise<void>;
  /** The newest notification id of each of these people, by user id; people without any are left out. */
  newestIds: (userIds: readonly number[]) => Promise<ReadonlyMap<number, number>>;
};

type Occupied = Seat & { userId: number; wake: () => void };

/** Nothing is connected and no timer runs until the first stream opens, or after the last one has ended. */
export function createLiveFeed(source: FeedSource, limits = { pollMs, mostStreams, mostStreamsOfOnePerson }): LiveFeed {
  const seats = new Set<Occupied>();
  let running: AbortController | undefined;
  let polling = false;

  const seatsOf = (userId: number): Occupied[] => [...seats].filter((seat) => seat.userId === userId);
  const hear = (userId: number): void => seatsOf(userId).forEach((seat) => seat.wake());

  async function poll(): Promise<void> {
    if (polling) return;
    polling = true;
    try {
      const newest = await source.newestIds([...new Set([...seats].map((seat) => seat.userId))]);
      for (const seat of seats) if ((newest.get(seat.userId) ?? 0) > seat.position) seat.wake();
    } catch {
      // The database is away: each stream finds that out, or the next poll looks again.
    } finally {
      polling = false;
    }
  }

  function start(): void {
    running = new AbortController();
    const timer = setInterval(() => void poll(), limits.pollMs).unref();
    running.signal.addEventListener('abort', () => clearInterval(timer));
    void source.listen(hear, () => void poll(), running.signal);
  }

  function leave(seat: Occupied): void {
    if (!seats.delete(seat)) return;
    seat.wake();
    if (seats.size > 0) return;
    running?.abort();
    running = undefined;
  }

  return {
    join(userId, signal) {
      if (seats.size >= limits.mostStreams) throw new Unavailable('another notification stream', undefined, 5);
      if (seatsOf(userId).length >= limits.mostStreamsOfOnePerson) throw tooManyStreams(limits.mostStreamsOfOnePerson);

      const seat = takeSeat(userId, () => leave(seat));
      seats.add(seat);
      signal.addEventListener('abort', seat.leave, { once: true });
      if (signal.aborted) seat.leave();
      else if (!running) start();
      return seat;
    },
  };
}

function takeSeat(userId: number, leave: () => void): Occupied {
  let stale = false;
  let resume: (() => void) | undefined;
  return {
    userId,
    position: 0,
    leave,
    wake() {
      stale = true;
      resume?.();
    },
    async changed() {
      if (!stale) await new Promise<void>((resolve) => (resume = resolve));
      // Before the stream looks, not after: what arrives while it looks makes it look again.
      stale = false;
    },
  };
}

function tooManyStreams(most: number): Refusal {
  return new Refusal('too_many_streams', 429, `${most} streams of one person are open already; close one first`, {
    headers: { 'retry-after': '5' },
  });
}
