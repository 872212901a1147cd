// Makes what the functions of one process share, from its config. Nothing connects before a function needs it.
import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import { createHandOver, type OutboxContext } from '../../../eventing/outbox/hand-over.ts';
import { markHandedOver } from '../../../eventing/outbox/mark.ts';
import { whileRefused } from '../../../eventing/outbox/while-refused.ts';
import { createHearing, noKeys } from '../../../eventing/signing/hearing.ts';
import { publishedKeys } from '../../../eventing/signing/keys.ts';
import type { Speaker } from '../../../eventing/signing/speakers.ts';
import { createVoices, type Voice } from '../../../eventing/signing/voice.ts';
import type { Config } from './config.ts';
import type { DatabaseName } from '../contract/function.ts';
import { createDatabase, retrying, type BankPool, type Connected } from '../database/pool.ts';
import type { Environment } from './environment.ts';
import { Unavailable } from '../contract/errors.ts';
import { createLedger, type Ledger } from '../ledger/post.ts';
import type { LedgerSchema } from '../ledger/schema.ts';
import { createLog } from '../watch/log.ts';
import { measureHttp } from '../watch/http-metrics.ts';
import { measureLedger, measureRepeats } from '../watch/ledger-metrics.ts';
import { createMetrics, type Metrics, type Sample } from '../watch/metrics.ts';
import type { NotificationsSchema } from '../database/notifications-schema.ts';
import { measureHearing } from '../watch/hearing-metrics.ts';
import { measureKeys } from '../watch/key-metrics.ts';
import { measureRequests } from '../watch/request-metrics.ts';
import { createRequestRecorder } from '../watch/request-recorder.ts';
import { inSpan } from '../tracing/spans.ts';
import type { UsersSchema } from '../database/users-schema.ts';

/** Another function answers within this, or the caller is told to come again. Its start from zero is in it: 5 s on a busy cluster. */
const askTimeoutMs = 15_000;
/** A pool waits for its busy connections; those of requests that were given up must not hold the exit. */
const closeTimeoutMs = 5_000;

type EnvironmentParts = { now?: () => Date; log?: Logger; isCounting?: () => boolean };

export function createEnvironment(config: Config, parts: EnvironmentParts = {}): Environment {
  const log = parts.log ?? createLog(config.logLevel, config.functionTarget ? { function: config.functionTarget } : {});
  const metrics = createMetrics(log);
  const { connected, closeAll } = createConnections(config, metrics);
  const pools = { users: () => connected('users').pool, ledger: () => connected('ledger').pool };
  const now = parts.now ?? (() => new Date());
  const voices = createVoices(config.eventSigningKeys ?? [], now);
  const voiceOf = (speaker: Speaker): Voice => {
    const voice = voices.get(speaker);
    if (!voice) throw new Error(`EVENT_SIGNING_KEY is missing, or another's: nobody here speaks for ${speaker}`);
    return voice;
  };
  const { eventKeysUrl } = config;
  const keys = eventKeysUrl === undefined ? noKeys : publishedKeys(eventKeysUrl);
  const hearing = createHearing({ keys, platformProofs: config.platformProofs ?? [], now });
  const handOver = createHandOver({
    brokerUrl: config.brokerUrl,
    mark: (context: OutboxContext, ids) =>
      retrying(() => markHandedOver(pools[context](), ids), { what: `the ${context} outbox` }),
    sign: (context, event) => voiceOf(context).sign(event),
    log,
  });
  const isCounting = parts.isCounting ?? (() => true);
  let ledger: Ledger | undefined;
  measureRepeats(metrics);
  const requests = createRequestRecorder(now);
  measureRequests(metrics, requests, config.functionTarget !== undefined);
  measureHearing(metrics, hearing);
  measureKeys(metrics, config);

  return {
    config,
    log,
    voiceOf,
    hearing,
    handOver,
    metrics,
    http: measureHttp(metrics, config.functionTarget !== undefined),
    requests,
    isCounting,
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
      if (ledger) return ledger;
      const seen = measureLedger(metrics);
      const onCommit: typeof seen = (...commit) => {
        if (isCounting()) seen(...commit);
      };
      return (ledger = createLedger({ pool: pools.ledger, handOver, cashDesk: config.cashDesk, onCommit }));
    },
    ask: (functionName, path) => ask(config.functionUrl, functionName, path),
    async close() {
      await handOver.close();
      await Promise.race([closeAll(), sleep(closeTimeoutMs, undefined, { ref: false })]);
    },
  };
}

function createConnections(config: Config, metrics: Metrics) {
  const open = new Map<DatabaseName, Connected<unknown>>();
  metrics.gauge(
    {
      name: 'microbank_pool_connections',
      help: 'Connections to a database: busy, idle, the most there may be; and requests that wait for one.',
      labels: ['database', 'state'],
    },
    () => Promise.resolve([...open].flatMap(([database, { pool }]) => poolSamples(database, pool))),
  );

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

function poolSamples(database: DatabaseName, { totalCount, idleCount, waitingCount, options }: BankPool): Sample[] {
  const counts = { busy: totalCount - idleCount, idle: idleCount, waiting: waitingCount, max: options.max };
  return Object.entries(counts).map(([state, value]) => ({ labels: { database, state }, value }));
}

/** Node's fetch keeps its connections alive. The body of a 4xx is the caller's to read. */
async function ask(template: string | undefined, functionName: string, path: string): Promise<Response> {
  if (template === undefined) throw new Error(`FUNCTION_URL is missing: ${functionName} cannot be asked`);
  const url = template.replace('{function}', functionName) + path;
  const response = await inSpan(
    `GET ${functionName}`,
    () => ({ kind: 'client', attributes: { 'http.request.method': 'GET', 'faas.invoked_name': functionName } }),
    async (span) => {
      const headers = span && { traceparent: span.traceparent };
      const send = () => fetch(url, { signal: AbortSignal.timeout(askTimeoutMs), ...(headers && { headers }) });
      const answered = await whileRefused(send).catch((error: unknown) => {
        throw new Unavailable(`the function ${functionName}`, error);
      });
      span?.set({ 'http.response.status_code': answered.status });
      return answered;
    },
  );
  if (response.status < 500) return response;
  await response.body?.cancel();
  throw new Unavailable(`the function ${functionName}`, new Error(`it answered ${response.status}`));
}
