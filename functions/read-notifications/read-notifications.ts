// Shows people what they were told, and live as it happens. Written by: functions/notify/notify.ts.
import type { Kysely } from 'kysely';
import { isTeller, mayActFor, userIdOf, type Caller } from '../shared/handler/caller.ts';
import { type EventStream, page, type Page } from '../shared/handler/answer.ts';
import type { CommandOf } from '../shared/contract/function.ts';
import type { Environment } from '../shared/process/environment.ts';
import { cursorInvalid, idAfter } from '../shared/reading/cursor.ts';
import { retrying } from '../shared/database/pool.ts';
import { notFound, Refusal } from '../shared/contract/errors.ts';
import { defineFunction } from '../shared/process/define-function.ts';
import type { Notification } from '../shared/contract/notification.ts';
import type { NotificationsSchema } from '../shared/database/notifications-schema.ts';
import { limitOpenings } from './openings.ts';
import { networkOf } from '../shared/access/network.ts';
import { contract } from './contract.ts';
import { listen } from './listener.ts';
import { createLiveFeed, type LiveFeed } from './live-feed.ts';
import { markReadUpTo } from './mark-read-up-to.ts';
import {
  countUnread,
  deleteNotification,
  findNotification,
  listNotifications,
  markRead,
  newestIds,
  type Position,
} from './query-notifications.ts';
import { startOf, streamNotifications } from './stream-notifications.ts';
import type { Call } from '../shared/handler/call.ts';

/**
 * Unless the config says otherwise. A client comes back by itself, with Last-Event-ID and a token that is still good; from a stream
 * that a proxy has cut it would first read what the proxy has to say about that.
 */
const defaultLongestStreamMs = 15 * 60_000;

/** `longestMs`: a stream ends by itself after this. */
type Streams = { feed: LiveFeed; limit: ReturnType<typeof limitOpenings>; longestMs: number };

type Db = Kysely<NotificationsSchema>;
type ListQuery = CommandOf<(typeof contract.routes)['GET /notifications']>;
type StreamQuery = CommandOf<(typeof contract.routes)['GET /notifications/stream']>;

/** A page, newest first; the cursor is the last item's position, so pages hold still while new ones arrive. */
export async function list(db: Db, query: ListQuery, call: Call): Promise<Page<Notification>> {
  const { limit, skip, unread, user_id } = query;
  const owner = ownerFor(call.caller, user_id);
  const before = positionAfter(call.after);
  const { items, next } = await listNotifications(db, { owner, unread, before, skip, limit });
  return page(items, next);
}

/** Answers 429 when this person opens one too often, 503 when this process has all the streams it can hold, and none of them is one of many. */
export async function openStream(
  db: Db,
  { feed, limit, longestMs }: Streams,
  { user_id, watch }: StreamQuery,
  call: Call,
): Promise<EventStream> {
  const userId = personFor(call.caller, user_id);
  const watched = parseWatch(watch);
  for (const id of watched.keys()) if (!mayActFor(call.caller, id)) throw notFound('user', id, '/watch');
  const lastSeen = call.lastEventId === undefined ? undefined : parseLastEventId(call.lastEventId);
  const signal = AbortSignal.any([call.signal, AbortSignal.timeout(longestMs)]);
  const holder = { holder: ownIdOf(call.caller), network: networkOf(call.address) };
  limit(holder.holder);
  const seat = feed.join({ userId, watched }, holder, signal);
  try {
    // Read before the stream is answered: what happens after the client sees it open is sent.
    const people = [...new Set([userId, ...watched.keys()])];
    const newest = await newestIds(db, people);
    seat.position = startOf(newest.get(userId), lastSeen);
    for (const [id, seen] of watched) seat.watched.set(id, startOf(newest.get(id), seen));
  } catch (error) {
    seat.leave();
    throw error;
  }
  return { kind: 'event-stream', events: streamNotifications(db, userId, seat, signal) };
}

function positionAfter(after: Call['after']): Position | undefined {
  const id = idAfter(after);
  if (after === undefined || id === undefined) return undefined;
  const { at, transaction } = after;
  if (typeof at !== 'string' || typeof transaction !== 'number') throw cursorInvalid();
  return { at, transaction, id };
}

/** Whose notifications a caller may see: their own; a teller anyone's, all of them when nobody is named. */
function ownerFor(caller: Caller, asked?: number): number | undefined {
  if (asked !== undefined && !mayActFor(caller, asked)) throw notFound('user', asked, '/user_id');
  return isTeller(caller) ? asked : ownIdOf(caller);
}

/** The one person meant where "all of them" makes no sense. */
function personFor(caller: Caller, asked?: number): number {
  return ownerFor(caller, asked) ?? ownIdOf(caller);
}

function ownIdOf(caller: Caller): number {
  const userId = userIdOf(caller);
  // Undefined would mean everyone's, so this must not depend on the contract's access alone.
  if (userId === undefined) throw new Error('notifications are for those who signed in');
  return userId;
}

/** By person, the last notification that the client knows of; undefined: none before now. */
function parseWatch(watch = ''): Map<number, number | undefined> {
  const entries = watch === '' ? [] : watch.split(',').map((entry) => entry.split(':').map(Number));
  return new Map(entries.map(([id = 0, seen]) => [id, seen]));
}

function parseLastEventId(text: string): number {
  const id = /^\d{1,15}$/.test(text) ? Number(text) : undefined;
  if (id === undefined) throw new Refusal('validation_failed', 422, 'Last-Event-ID is not the id of a notification');
  return id;
}

function found<T>(item: T | undefined | false, id: number): T {
  if (!item) throw notFound('notification', id, '/id');
  return item;
}

function createStreams({ config, log, now, notifications: { db } }: Environment): Streams {
  const connectionString = config.listenUrl ?? config.databaseUrls.notifications ?? '';
  const feed = createLiveFeed({
    listen: (hear, onConnected, signal) => listen({ connectionString, hear, onConnected, log }, signal),
    newestIds: (userIds) => newestIds(db, userIds),
  });
  return {
    feed,
    limit: limitOpenings(() => now().getTime()),
    longestMs: config.longestStreamMs ?? defaultLongestStreamMs,
  };
}

export const readNotificationsFunction = defineFunction(contract, (environment) => {
  const { db } = environment.notifications;
  const streams = createStreams(environment);
  return {
    routes: {
      'GET /notifications': (query, call) => list(db, query, call),
      'GET /notifications/unread': async ({ user_id }, { caller }) => {
        const person = personFor(caller, user_id);
        // The id first: what comes between the two is then in the stream as well as in the count, and not in neither.
        const newest_id = (await newestIds(db, [person])).get(person) ?? 0;
        return { user_id: person, unread: await countUnread(db, person), newest_id };
      },
      'GET /notifications/stream': (query, call) => openStream(db, streams, query, call),
      'GET /notifications/{id}': async ({ id }, { caller }) =>
        found(await findNotification(db, id, ownerFor(caller)), id),
      'POST /notifications/{id}/read': async ({ id }, { caller }) =>
        found(await retrying(() => markRead(db, id, ownerFor(caller))), id),
      'POST /notifications/read': async ({ up_to_id }, { caller }) => {
        const person = ownIdOf(caller); // Tellers as well: nobody reads for somebody else.
        await markReadUpTo(db, person, up_to_id);
        return { user_id: person, unread: await retrying(() => countUnread(db, person)) };
      },
      'DELETE /notifications/{id}': async ({ id }, { caller }) => {
        found(await retrying(() => deleteNotification(db, id, ownerFor(caller))), id);
      },
    },
  };
});
