// Puts the whole bank together in one process, step by step, and knows how to take it apart again in the opposite order.
import { join } from 'node:path';
import type { JWK } from 'jose';
import type { Config } from '../../functions/shared/process/config.ts';
import type { DatabaseName } from '../../functions/shared/contract/function.ts';
import type { BankFunction } from '../../functions/shared/process/define-function.ts';
import { listen, type Listening } from '../../functions/shared/serving/listen.ts';
import { functionNames, loadFunction } from '../../functions/shared/process/load-functions.ts';
import { createLog } from '../../functions/shared/watch/log.ts';
import { startTracing } from '../../functions/shared/tracing/start-tracing.ts';
import { createEnvironment } from '../../functions/shared/process/create-environment.ts';
import { bindFunctions, type Listener } from '../../functions/shared/serving/listener.ts';
import { measureBroker } from '../../observability/broker/measure-broker.ts';
import { measureBusiness } from '../../observability/business/measure-business.ts';
import { openBroker } from './broker.ts';
import { CannotStart, codeOf } from './cannot-start.ts';
import { takeDataFolder } from './data-folder.ts';
import { databaseNames, prepareDatabases, type DatabaseAddresses } from './databases.ts';
import { createGateway, createInside, documentsOf, metricsOf, whenServing } from './gateway.ts';
import { browserName, byLocalName } from './local-names.ts';
import { startObserving } from './observe.ts';
import { readPingSources } from './ping-sources.ts';
import { startPostgres } from './postgres.ts';
import { letServerThrough } from './postgres-user.ts';
import { startRelayTicks } from './relay-ticks.ts';
import { keepSecrets, randomPassword } from './secrets.ts';
import { sourcesFolder, type Settings } from './settings.ts';
import { openPages } from './pages.ts';
import { keepEventKeys, publishedEventKeys } from './event-keys.ts';
import { keepSigningKey } from './signing-key.ts';
import type { Surroundings } from './surroundings.ts';
import { ensureTeller, type KeptTeller } from './teller.ts';

export type Bank = {
  /** `http://localhost:<port>`, which every program on this machine understands. */
  address: string;
  /** The same for browsers. */
  pages: string;
  teller: KeptTeller;
  /** Of the Prometheus beside it, with `--observe`. */
  prometheus: string | undefined;
};

const host = '127.0.0.1';

/** On a cluster the edge has it as a file. */
const eventKeysPath = '/.well-known/event-keys.json';

/** Resolves when everything serves. @throws CannotStart for what the reader can put right. */
export async function startBank(settings: Settings, around: Surroundings): Promise<Bank> {
  const { steps, undo } = around;
  const folder = undo.use(await takeDataFolder(settings.dataFolder));
  const serving: { gateway?: Listener; inside?: Listener } = {};
  // Before everything that takes time, so that a taken port is known at once.
  const gateway = await listenOnPort(byLocalName(whenServing(() => serving.gateway)), settings.port);
  undo.defer(gateway.stop);
  const inside = await listen(byLocalName(whenServing(() => serving.inside)), { port: 0, host, graceMs: 5_000 });
  undo.defer(inside.stop);

  const log = createLog(settings.logLevel);
  undo.adopt(await startTracing(settings.tracing, log), (tracing) => tracing.stop());
  const pages = await openPages(settings, around);
  const addresses = await openDatabases(settings, folder.path, around);
  const signingKey = await steps.take(
    () => keepSigningKey(folder.path),
    () => 'signing key',
  );
  const eventSigningKeys = await keepEventKeys(folder.path);
  // What it has to be the same for is all in this process, and in those that find it in the data folder.
  const proof = randomPassword();
  const sources = await readPingSources(sourcesFolder);
  const broker = await openBroker({ ...settings, platformProof: proof }, inside.url, log, around);
  const prometheus =
    settings.prometheus === undefined
      ? undefined
      : await startObserving(folder.path, gateway.port, settings.prometheus, around);
  const config: Config = {
    ...configOf(settings, addresses, signingKey, inside.url, broker.url),
    passkeyOrigins: [browserName, 'localhost'].map((name) => new URL(`http://${name}:${gateway.port}`).origin),
    eventSigningKeys,
    eventKeysUrl: inside.url + eventKeysPath,
    platformProofs: [proof],
    ...(prometheus !== undefined && { prometheusUrl: prometheus }),
  };
  const environment = undo.adopt(createEnvironment(config, { log, isCounting: countingBy(settings) }), (opened) =>
    opened.close(),
  );
  measureBroker(environment.metrics, broker);
  measureBusiness(environment.metrics, {
    users: () => environment.users.pool,
    ledger: () => environment.ledgerDatabase.pool,
    notifications: () => environment.notifications.pool,
  });
  const functions = await steps.take(loadFunctions, ({ length }) => `${length} functions`);

  const stopping = new AbortController();
  const listeners = bindFunctions(environment, functions, stopping.signal);
  serving.inside = createInside(listeners, new Map([[eventKeysPath, publishedEventKeys(eventSigningKeys)]]));
  const teller = await steps.take(
    () => ensureTeller(environment, folder.path),
    ({ isNew }) => (isNew ? 'first teller registered' : 'teller'),
  );
  const contracts = functions.map(({ contract }) => contract);
  serving.gateway = createGateway({
    contracts,
    listeners,
    documents: new Map([...documentsOf(contracts), ...metricsOf(environment.metrics)]),
    pages,
  });
  undo.defer(async () => {
    // What was committed is still handed over and delivered, as long as functions and databases are there to take it.
    await environment.handOver.close();
    await broker.close();
    await inside.stop();
  });
  undo.adopt(startRelayTicks(sources, { url: `${inside.url}/relay`, proof }, log), (ticks) => ticks.stop());
  undo.defer(async () => {
    delete serving.gateway;
    stopping.abort(); // Ends event streams, which would hold the gateway's connections open.
    await gateway.stop();
  });

  const address = `http://localhost:${gateway.port}`;
  folder.nowServing({ address, inside: inside.url, broker: broker.url, proof });
  return { address, pages: `http://${browserName}:${gateway.port}`, teller, prometheus };
}

function countingBy({ countingSwitch }: Settings): () => boolean {
  let isCounting = true;
  if (countingSwitch) process.on('SIGUSR2', () => (isCounting = !isCounting));
  return () => isCounting;
}

async function listenOnPort(listener: Listener, port: number): Promise<Listening> {
  return listen(listener, { port, host, graceMs: 10_000 }).catch((error: unknown) => {
    const why = codeOf(error) === 'EADDRINUSE' ? 'taken by another program' : `not to be had (${String(error)})`;
    throw new CannotStart(`port ${port} is ${why}; set PORT to another one`, { cause: error });
  });
}

async function openDatabases(
  settings: Settings,
  folder: string,
  { steps, undo, say, onLost }: Surroundings,
): Promise<DatabaseAddresses> {
  const secrets = await keepSecrets(folder);
  let adminUrl = settings.databaseUrl;
  if (adminUrl === undefined) {
    const options = {
      folder: join(folder, 'postgres'),
      port: settings.postgresPort,
      password: secrets.postgres,
      say,
      onLost,
    };
    letServerThrough(folder, options.folder);
    const postgres = await steps.take(
      () => startPostgres(options),
      ({ port }) => `PostgreSQL on ${host}:${port}`,
    );
    undo.defer(postgres.stop);
    adminUrl = postgres.adminUrl;
  }
  const { addresses } = await steps.take(
    () => prepareDatabases(adminUrl, secrets.roles, { isShared: settings.databaseUrl !== undefined }),
    ({ ran }) =>
      `databases ${databaseNames.join(', ')}; migrations: ${ran.length === 0 ? 'none new' : `${ran.length} ran`}`,
  );
  return addresses;
}

function configOf(
  settings: Settings,
  addresses: DatabaseAddresses,
  signingKey: JWK,
  insideUrl: string,
  brokerUrl: string,
): Config {
  const databaseUrls = Object.fromEntries(databaseNames.map((name) => [name, addresses[name].url])) as Record<
    DatabaseName,
    string
  >;
  return {
    port: settings.port,
    host,
    databaseUrls,
    poolMax: 8, // The measured best on two cores; three databases × 8 is far below PostgreSQL's 100.
    brokerUrl,
    jwksUrl: `${insideUrl}/sign-in/.well-known/jwks.json`,
    endedSessionsUrl: `${insideUrl}/sign-in/.well-known/ended-sessions.json`,
    // The same on every start and port, so that tokens outlive a restart.
    jwtIssuer: 'https://microbank.local',
    jwtAudience: 'microbank',
    signingKey,
    functionUrl: `${insideUrl}/{function}`,
    ...(settings.cashDesk && { cashDesk: settings.cashDesk }),
    logLevel: settings.logLevel,
  };
}

async function loadFunctions(): Promise<BankFunction[]> {
  return Promise.all((await functionNames()).map(loadFunction));
}
