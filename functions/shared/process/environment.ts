// What the functions of one process share: pools, the ledger, the outbox, other functions, the clock. Everything opens lazily.
import type { Logger } from 'pino';
import type { HandOver } from '../../../eventing/outbox/hand-over.ts';
import type { LedgerSchema } from '../ledger/schema.ts';
import type { NotificationsSchema } from '../database/notifications-schema.ts';
import type { UsersSchema } from '../database/users-schema.ts';
import type { Ledger } from '../ledger/post.ts';
import type { Config } from './config.ts';
import type { Connected } from '../database/pool.ts';
import type { Metrics } from '../watch/metrics.ts';
import type { RequestRecorder } from '../watch/request-recorder.ts';

export type Environment = {
  config: Config;
  /** Wall-clock time; tests pass their own. */
  now: () => Date;
  log: Logger;
  users: Connected<UsersSchema>;
  ledgerDatabase: Connected<LedgerSchema>;
  notifications: Connected<NotificationsSchema>;
  ledger: Ledger;
  /** Sends outbox rows to the broker after their commit. */
  handOver: HandOver;
  /** What `/metrics` shows; functions add theirs when they are bound. */
  metrics: Metrics;
  /** What the functions of this process were asked; serving counts it. */
  requests: RequestRecorder;
  /** Asks another function over HTTP, in the caller's name; throws Unavailable when it cannot be reached or answers 5xx. */
  ask: (functionName: string, path: string, token: string | undefined) => Promise<Response>;
  /** Lets hand-over finish, then closes pools. */
  close: () => Promise<void>;
};
