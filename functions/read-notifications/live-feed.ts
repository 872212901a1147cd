// Wakes the open streams of this process when their people have something new: by LISTEN, and by a poll in case that fails.
import { Unavailable, type Refusal } from '../shared/contract/errors.ts';
import { tooMany } from '../shared/contract/rate-limit.ts';
import type { StreamEnd } from './contract.ts';
import { findVictim, type Held, type SeatLimits } from './seats.ts';

const pollMs = 5_000;
const mostStreams = 200;
/** One for each browser (web/src/app/live-leader.ts), so ten is more than anybody looks at. */
const mostStreamsOfOnePerson = 10;

/** What a stream is about: the person whose notifications it sends, and others of whom it only says that there is something new. */
export type Followed = { userId: number; watched: ReadonlyMap<number, unknown> };

/** One open stream. The positions are ids: of the last notification that it has sent, and of the newest it has told of. The stream moves them on. */
export type Seat = {
  position: number;
  readonly watched: Map<number, number>;
  /** Why the stream has to end. */
  readonly ended: StreamEnd | undefined;
  /** Resolves when there may be something new, or when the stream has to end. */
  changed: () => Promise<void>;
  /** Lets the stream say why, and end. */
  end: (reason: StreamEnd) => void;
  leave: () => void;
};

export type LiveFeed = {
  /**
   * Ends another stream when there are too many: see findVictim. Throws `too_many_streams`, or Unavailable for who has none yet, when
   * everybody holds as little as this one. The seat is
   * given up by leave() or by the signal.
   */
  join: (followed: Followed, holder: Held, signal: AbortSignal) => Seat;
};

export type FeedSource = {
  /** Runs until the signal is aborted: reports whom something new is for, and each time it (re)connected. */
  listen: (hear: (userId: number) => void, onConnected: () => void, signal: AbortSignal) => Promise<void>;
  /** The newest notification id of each of these people, by user id; people without any are left out. */
  newestIds: (userIds: readonly number[]) => Promise<ReadonlyMap<number, number>>;
};

type Occupied = Seat & Held & { userId: number; wake: () => void };

/** Nothing is connected and no timer runs until the first stream opens, or after the last one has ended. */
export function createLiveFeed(
  source: FeedSource,
  limits: SeatLimits & { pollMs: number } = { pollMs, mostStreams, mostStreamsOfOnePerson },
): LiveFeed {
  const seats = new Set<Occupied>();
  let running: AbortController | undefined;
  let polling = false;

  function hear(userId: number): void {
    for (const seat of seats) if (seat.userId === userId || seat.watched.has(userId)) seat.wake();
  }

  async function poll(): Promise<void> {
    if (polling) return;
    polling = true;
    try {
      const people = new Set([...seats].flatMap((seat) => [seat.userId, ...seat.watched.keys()]));
      const newest = await source.newestIds([...people]);
      for (const seat of seats) if (isBehind(seat, newest)) seat.wake();
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
    join(followed, holder, signal) {
      const victim = findVictim(seats, holder, limits);
      if (victim === 'enough') throw tooManyOpen();
      if (victim === 'full') throw new Unavailable('another notification stream', undefined, 5);
      victim?.end('too_many_streams');

      const seat = takeSeat(followed, holder, () => leave(seat));
      seats.add(seat);
      signal.addEventListener('abort', seat.leave, { once: true });
      if (signal.aborted) seat.leave();
      else if (!running) start();
      return seat;
    },
  };
}

/** A refusal, and not a fault that somebody has to look into: they have what there is for them. */
function tooManyOpen(): Refusal {
  const policy = { name: 'streams-open', quota: 1, windowSeconds: 60 };
  return tooMany('too_many_streams', 'others need the streams that are left; keep the ones you have', policy, 60);
}

function isBehind(seat: Occupied, newest: ReadonlyMap<number, number>): boolean {
  if ((newest.get(seat.userId) ?? 0) > seat.position) return true;
  return [...seat.watched].some(([userId, position]) => (newest.get(userId) ?? 0) > position);
}

function takeSeat({ userId, watched }: Followed, { holder, network }: Held, leave: () => void): Occupied {
  let stale = false;
  let resume: (() => void) | undefined;
  let ended: StreamEnd | undefined;
  const wake = (): void => {
    stale = true;
    resume?.();
  };
  return {
    holder,
    network,
    userId,
    position: 0,
    watched: new Map([...watched.keys()].map((id) => [id, 0])),
    leave,
    wake,
    get ended() {
      return ended;
    },
    end(reason) {
      ended ??= reason;
      leave();
    },
    async changed() {
      if (!stale) await new Promise<void>((resolve) => (resume = resolve));
      // Before the stream looks, not after: what arrives while it looks makes it look again.
      stale = false;
    },
  };
}
