// What read-notifications promises: a person's notifications, newest first, one by one, and as they arrive.
import * as z from 'zod';
import { idSchema } from '../shared/contract/account.ts';
import { boundedText } from '../shared/contract/bounded-text.ts';
import type { Contract } from '../shared/contract/function.ts';
import { notification, type Notification } from '../shared/contract/notification.ts';
import { booleanParam, idParam, pageQuery } from '../shared/contract/paging.ts';

/** The unread count stops here: it is shown as "1000+", and counting further would read the whole table for nothing. */
export const mostUnreadCounted = 1000;
/** More are marked by asking again. */
export const mostMarkedAtOnce = 10_000;

const params = z.strictObject({ id: idParam });
const unreadCount = z.strictObject({ user_id: idSchema, unread: z.int().min(0).max(mostUnreadCounted) });

/** A teller has some customers' pages open at a time. */
export const mostWatched = 20;
const watchPattern = new RegExp(`^\\d{1,15}(:\\d{1,15})?(,\\d{1,15}(:\\d{1,15})?){0,${mostWatched - 1}}$`);
export const watchParam = boundedText(mostWatched * 32)
  .regex(watchPattern, `must be up to ${mostWatched} ids, separated by commas`)
  .describe(
    'For tellers: others, of whom the stream only says that there is something new. `2:145,7`: person 2 after their notification 145, and ' +
      'person 7 from now on.',
  );

/** An event `watched` of a stream. */
export const watchedNews = z.strictObject({ user_id: idSchema, newest_id: idSchema });
/** The last event of a stream, `ended`, when it may not go on; one that ends without it may be opened again. */
export const streamEnded = z.strictObject({
  reason: z
    .enum(['too_many_streams', 'session_ended'])
    .describe('Newer streams of the same person, or the end of their session.'),
});
export type StreamEnd = z.infer<typeof streamEnded>['reason'];

const whose = idParam.optional().describe('Whose: oneself by default; tellers may name anyone.');

const example = {
  id: 1,
  user_id: 2,
  message: 'Deposit of $500.00 completed. New balance: $1500.00',
  kind: 'deposit',
  transaction_id: 2,
  account_id: 1,
  amount: 500,
  currency: 'USD',
  balance_after: 1500,
  counterparty_account_id: null,
  reverses: null,
  account_type: null,
  timestamp: '2026-11-22T10:17:00.000Z',
  read: false,
} satisfies Notification;

export const contract = {
  name: 'read-notifications',
  summary: 'What customers were told, and live as it happens.',
  databases: ['notifications'],
  databaseRole: 'recipient',
  instead: {
    'POST /notifications':
      'notifications follow from what happens: move money with POST /transactions, and who is concerned is told by itself',
  },
  routes: {
    'GET /notifications': {
      summary: 'Lists notifications, newest first: a customer their own, a teller all of them or those of `user_id`.',
      access: 'signed-in',
      query: z.strictObject({
        ...pageQuery,
        user_id: idParam.optional().describe('Only those of this person.'),
        unread: booleanParam.optional().describe('Only what is unread (`true`) or has been read (`false`).'),
      }),
      answer: z.array(notification),
      status: 200,
      refusals: ['user_not_found'],
      example: { command: { unread: true }, answer: [example] },
    },
    'GET /notifications/unread': {
      summary: `Counts one person's unread notifications, up to ${mostUnreadCounted}.`,
      access: 'signed-in',
      query: z.strictObject({ user_id: whose }),
      answer: unreadCount.extend({
        newest_id: z
          .int()
          .min(0)
          .describe('The highest id there is, 0 without any: as `Last-Event-ID` it begins a stream just after it.'),
      }),
      status: 200,
      refusals: ['user_not_found'],
      example: { command: {}, answer: { user_id: 2, unread: 1, newest_id: 1 } },
    },
    'GET /notifications/stream': {
      summary:
        "One person's notifications as they arrive, as server-sent events of type `notification`; `Last-Event-ID` resumes after that id. Of " +
        'those in `watch`, an event `watched` tells the newest id. When a person opens more than ten streams the oldest ends, after an event ' +
        '`ended` with the reason.',
      access: 'signed-in',
      query: z.strictObject({ user_id: whose, watch: watchParam.optional() }),
      status: 200,
      alsoProduces: ['text/event-stream'],
      refusals: ['user_not_found', 'too_many_streams'],
    },
    'GET /notifications/{id}': {
      summary: 'Shows one notification.',
      access: 'signed-in',
      params,
      answer: notification,
      status: 200,
      refusals: ['notification_not_found'],
      example: { command: { id: 1 }, answer: example },
    },
    'POST /notifications/{id}/read': {
      summary: 'Marks a notification as read; again changes nothing.',
      access: 'signed-in',
      params,
      answer: notification,
      status: 200,
      refusals: ['notification_not_found'],
      example: { command: { id: 1 }, answer: { ...example, read: true } },
    },
    'POST /notifications/read': {
      summary: `Marks one's own unread notifications up to this id as read, at most ${mostMarkedAtOnce}; again changes nothing. Answers how many are left unread, up to ${mostUnreadCounted}.`,
      access: 'signed-in',
      body: z.strictObject({ up_to_id: idSchema.describe('The newest that was seen; newer ones stay unread.') }),
      answer: unreadCount,
      status: 200,
      example: { command: { up_to_id: 1 }, answer: { user_id: 2, unread: 0 } },
    },
    'DELETE /notifications/{id}': {
      summary: 'Deletes a notification.',
      access: 'signed-in',
      params,
      status: 204,
      refusals: ['notification_not_found'],
      example: { command: { id: 1 } },
    },
  },
} as const satisfies Contract;
