// The bank's programs on simulated pools and a simulated network: everything else in them is the real thing.
import { Kysely, PostgresDialect } from 'kysely';
import { pino } from 'pino';
import { type BankPool, retrying, type Connected } from '../../../functions/shared/database/pool.ts';
import type { Environment } from '../../../functions/shared/process/environment.ts';
import type { BankFunction } from '../../../functions/shared/process/define-function.ts';
import { createLedger } from '../../../functions/shared/ledger/post.ts';
import { measureHttp } from '../../../functions/shared/watch/http-metrics.ts';
import { createMetrics } from '../../../functions/shared/watch/metrics.ts';
import { createHandOver } from '../../outbox/hand-over.ts';
import { markHandedOver } from '../../outbox/mark.ts';
import type { SimulatedDatabases } from './databases.ts';
import type { Labels } from './labels.ts';
import type { Handler, Network } from './network.ts';
import { createSimulatedPool } from './pool.ts';
import { createSpeech } from './speech.ts';
import { createHandler } from './serve.ts';
import type { World } from './world.ts';

export type Surroundings = { world: World; network: Network; databases: SimulatedDatabases; labels: Labels };

export const brokerUrl = 'http://broker/';
export const silent = pino({ level: 'silent' });

/** A process that serves these functions, with a ledger and a hand-over of its own. */
export function startProgram(
  around: Surroundings,
  functions: readonly BankFunction[],
  { commitsLate = false } = {},
): Handler {
  const { world, network, labels, databases } = around;
  const connect = <S>(name: 'ledger' | 'notifications'): Connected<S> => {
    const pool = createSimulatedPool({ world, labels, pool: databases[name].pool, commitsLate });
    return { pool, db: new Kysely<S>({ dialect: new PostgresDialect({ pool }) }) };
  };
  const ledgerDatabase: Environment['ledgerDatabase'] = connect('ledger');
  const speech = createSpeech(world);
  const handOver = createHandOver({
    // Events that commit late are left to the relay: that is where they have been overlooked.
    brokerUrl: commitsLate ? undefined : brokerUrl,
    poster: network.poster,
    sign: (context, event) => speech.voiceOf(context).sign(event),
    mark: (_context, ids) => retrying(() => markHandedOver(ledgerDatabase.pool, ids)),
    log: silent,
  });
  const metrics = createMetrics(silent);
  const environment = {
    config: { brokerUrl, databaseUrls: {} },
    now: world.date,
    log: silent,
    ledgerDatabase,
    notifications: connect('notifications'),
    handOver,
    ...speech,
    ledger: createLedger({
      pool: (): BankPool => ledgerDatabase.pool,
      handOver,
      cashDesk: { dailyLimitMinor: undefined },
    }),
    metrics,
    http: measureHttp(metrics),
    // Every user is registered.
    ask: () => Promise.resolve(new Response('{}')),
  } as unknown as Environment;
  return createHandler(functions, environment);
}
