// What the functions of one process share: pools, the ledger, the outbox, other functions, the clock. Everything opens lazily.
import type { Logger } from 'pino';
import type { Hearing } from '../../../eventing/signing/hearing.ts';
import type { Speaker } from '../../../eventing/signing/speakers.ts';
import type { Voice } from '../../../eventing/signing/voice.ts';
import type { HandOver } from '../../../eventing/outbox/hand-over.ts';
import type { LedgerSchema } from '../ledger/schema.ts';
import type { NotificationsSchema } from '../database/notifications-schema.ts';
import type { UsersSchema } from '../database/users-schema.ts';
import type { Ledger } from '../ledger/post.ts';
import type { Config } from './config.ts';
import type { Connected } from '../database/pool.ts';
import type { HttpMetrics } from '../watch/http-metrics.ts';
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
  /** Signs what this process says. @throws when it was not given the speaker's key. */
  voiceOf: (speaker: Speaker) => Voice;
  /** Verifies what is said to this process. */
  hearing: Hearing;
  /** Sends outbox rows to the broker after their commit. */
  handOver: HandOver;
  /** What `/metrics` shows; functions add theirs when they are bound. */
  metrics: Metrics;
  /** Requests by handler, method and status, as the original counted them; serving counts them. */
  http: HttpMetrics;
  /** What the functions of this process were asked; serving counts it. */
  requests: RequestRecorder;
  /** False while `npm run bench` looks what counting costs; true in every other process. */
  isCounting: () => boolean;
  /** Asks another function over HTTP, in nobody's name; throws Unavailable when it cannot be reached or answers 5xx. */
  ask: (functionName: string, path: string) => Promise<Response>;
  /** Lets hand-over finish, then closes pools. */
  close: () => Promise<void>;
};
