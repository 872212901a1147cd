// One person's notifications as they arrive: first what they missed, then live, nothing left out and nothing twice.
import type { Kysely } from 'kysely';
import type { StreamedEvent } from '../shared/handler/answer.ts';
import { retrying } from '../shared/database/pool.ts';
import type { NotificationsSchema } from '../shared/database/notifications-schema.ts';
import type { Seat } from './live-feed.ts';
import { newestIds, notificationsAfter } from './query-notifications.ts';

const batchSize = 100;

/**
 * The id after which a stream begins: the last one the client saw, or the newest there is.
 * A client that saw more than there is comes from before a restore; it would otherwise wait for ids that are long in coming.
 */
export async function startOf(
  db: Kysely<NotificationsSchema>,
  userId: number,
  lastSeen: number | undefined,
): Promise<number> {
  const newest = (await newestIds(db, [userId])).get(userId) ?? 0;
  return Math.min(lastSeen ?? newest, newest);
}

/** Sends what comes after the seat's position until the signal is aborted, then gives the seat up. */
export async function* streamNotifications(
  db: Kysely<NotificationsSchema>,
  userId: number,
  seat: Seat,
  signal: AbortSignal,
): AsyncGenerator<StreamedEvent> {
  try {
    while (!signal.aborted) {
      // Catching up and live are one query: the feed only says when to look, and apply_events() makes ids of one person
      // visible in increasing order, so what is not after the position has been sent.
      const missed = await retrying(() => notificationsAfter(db, userId, seat.position, batchSize));
      for (const notification of missed) {
        yield { id: String(notification.id), event: 'notification', data: notification };
        seat.position = notification.id;
      }
      if (missed.length < batchSize) await seat.changed();
    }
  } finally {
    seat.leave();
  }
}
