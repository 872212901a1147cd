// One person's notifications as they arrive: first what they missed, then live, nothing left out and nothing twice.
import type { Kysely } from 'kysely';
import type { StreamedEvent } from '../shared/handler/answer.ts';
import { retrying } from '../shared/database/pool.ts';
import type { NotificationsSchema } from '../shared/database/notifications-schema.ts';
import type { Seat } from './live-feed.ts';
import { newestIds, notificationsAfter } from './query-notifications.ts';

const batchSize = 100;

type Db = Kysely<NotificationsSchema>;

/**
 * The id after which a stream begins: the last one the client saw, or the newest there is.
 * A client that saw more than there is comes from before a restore; it would otherwise wait for ids that are long in coming.
 */
export function startOf(newest: number | undefined, lastSeen: number | undefined): number {
  return Math.min(lastSeen ?? Infinity, newest ?? 0);
}

/** Sends what comes after the seat's positions until the signal is aborted or the seat is ended, then gives the seat up. */
export async function* streamNotifications(
  db: Db,
  userId: number,
  seat: Seat,
  signal: AbortSignal,
): AsyncGenerator<StreamedEvent> {
  try {
    while (!signal.aborted && seat.ended === undefined) {
      // Catching up and live are one query: the feed only says when to look, and apply_events() makes ids of one person
      // visible in increasing order, so what is not after the position has been sent.
      const missed = await retrying(() => notificationsAfter(db, userId, seat.position, batchSize));
      for (const notification of missed) {
        yield { id: String(notification.id), event: 'notification', data: notification };
        seat.position = notification.id;
      }
      yield* newsOfWatched(db, seat);
      if (missed.length < batchSize) await seat.changed();
    }
    if (seat.ended !== undefined) yield { event: 'ended', data: { reason: seat.ended } };
  } finally {
    seat.leave();
  }
}

/** Without an id, which is a place among the notifications of the stream's own person. */
async function* newsOfWatched(db: Db, { watched }: Seat): AsyncGenerator<StreamedEvent> {
  if (watched.size === 0) return;
  const newest = await retrying(() => newestIds(db, [...watched.keys()]));
  for (const [user_id, newest_id] of newest) {
    if (newest_id <= (watched.get(user_id) ?? 0)) continue;
    yield { event: 'watched', data: { user_id, newest_id } };
    watched.set(user_id, newest_id);
  }
}
