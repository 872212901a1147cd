// Makes what the functions of one process share, from its config. Nothing connects before a function needs it.
import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import { createHandOver, type OutboxContext } from '../../../eventing/outbox/hand-over.ts';
import { markHandedOver } from '../../../eventing/outbox/mark.ts';
import { whileRefused } from '../../../eventing/outbox/while-refused.ts';
import type { Config } from './config.ts';
import type { DatabaseName } from '../contract/function.ts';
import { createDatabase, retrying, type Connected } from '../database/pool.ts';
import type { Environment } from './environment.ts';
import { Unavailable } from '../contract/errors.ts';
import { createLedger, type Ledger } from '../ledger/post.ts';
import type { LedgerSchema } from '../ledger/schema.ts';
import { createLog } from '../watch/log.ts';
import { createMetrics } from '../watch/metrics.ts';
import type { NotificationsSchema } from '../database/notifications-schema.ts';
import { measureRequests } from '../watch/request-metrics.ts';
import { createRequestRecorder } from '../watch/request-recorder.ts';
import type { UsersSchema } from '../database/users-schema.ts';

/** Another function answers within this, or the caller is told to come again. Its start from zero is in it: 5 s on a busy cluster. */
const askTimeoutMs = 15_000;
/** A pool waits for its busy connections; those of requests that were given up must not hold the exit. */
const closeTimeoutMs = 5_000;

export function createEnvironment(config: Config, parts: { now?: () => Date; log?: Logger } = {}): Environment {
  const log = parts.log ?? createLog(config.logLevel, config.functionTarget ? { function: config.functionTarget } : {});
  const { connected, closeAll } = createConnections(config);
  const pools = { users: () => connected('users').pool, ledger: () => connected('ledger').pool };
  const handOver = createHandOver({
    brokerUrl: config.brokerUrl,
    mark: (context: OutboxContext, ids) =>
      retrying(() => markHandedOver(pools[context](), ids), { what: `the ${context} outbox` }),
    log,
  });
  let ledger: Ledger | undefined;
  const now = parts.now ?? (() => new Date());
  const metrics = createMetrics(log);
  const requests = createRequestRecorder(now);
  measureRequests(metrics, requests, config.functionTarget !== undefined);

  return {
    config,
    log,
    handOver,
    metrics,
    requests,
    now,
    get users() {
      return connected<UsersSchema>('users');
    },
    get ledgerDatabase() {
      return connected<LedgerSchema>('ledger');
    },
    get notifications() {
      return connected<NotificationsSchema>('notifications');
    },
    get ledger() {
      return (ledger ??= createLedger({ pool: pools.ledger, handOver }));
    },
    ask: (functionName, path, token) => ask(config.functionUrl, functionName, path, token),
    async close() {
      await handOver.close();
      await Promise.race([closeAll(), sleep(closeTimeoutMs, undefined, { ref: false })]);
    },
  };
}

function createConnections(config: Config) {
  const open = new Map<DatabaseName, Connected<unknown>>();

  function connected<S>(name: DatabaseName): Connected<S> {
    let database = open.get(name);
    if (!database) {
      const url = config.databaseUrls[name];
      if (url === undefined)
        throw new Error(`this process has no address of the ${name} database: see the function's contract`);
      const application = config.functionTarget ?? 'microbank';
      open.set(name, (database = createDatabase<unknown>(url, { max: config.poolMax, name: application })));
    }
    return database as Connected<S>;
  }

  async function closeAll(): Promise<void> {
    const ended = [...open.values()].map(({ pool }) => pool.end());
    open.clear();
    await Promise.all(ended);
  }

  return { connected, closeAll };
}

/** Node's fetch keeps its connections alive. The body of a 4xx is the caller's to read. */
async function ask(
  template: string | undefined,
  functionName: string,
  path: string,
  token: string | undefined,
): Promise<Response> {
  if (template === undefined) throw new Error(`FUNCTION_URL is missing: ${functionName} cannot be asked`);
  const url = template.replace('{function}', functionName) + path;
  const headers: Record<string, string> = token === undefined ? {} : { authorization: `Bearer ${token}` };
  const send = () => fetch(url, { headers, signal: AbortSignal.timeout(askTimeoutMs) });
  const response = await whileRefused(send).catch((error: unknown) => {
    throw new Unavailable(`the function ${functionName}`, error);
  });
  if (response.status < 500) return response;
  await response.body?.cancel();
  throw new Unavailable(`the function ${functionName}`, new Error(`it answered ${response.status}`));
}
