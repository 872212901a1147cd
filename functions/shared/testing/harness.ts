// The bank for a test: real functions on real databases behind `/api` on a free port, and tokens for anybody. Stops itself.
import { afterAll } from 'vitest';
import type { DatabaseAddresses } from '../../../platform/local/databases.ts';
import type { Config } from '../process/config.ts';
import { createEnvironment } from '../process/create-environment.ts';
import type { Environment } from '../process/environment.ts';
import { splitTarget } from '../serving/exchange.ts';
import type { BankFunction } from '../process/define-function.ts';
import { listen } from '../serving/listen.ts';
import { loadFunction } from '../process/load-functions.ts';
import { createRouter } from '../serving/router.ts';
import { answerUnmatched, bindFunctions, type Listener } from '../serving/listener.ts';
import { startFunctionProcess as startProcess, type FunctionProcess } from './function-process.ts';
import { startIssuer, type Issuer } from './issuer.ts';
import { requestTo, type Request } from './request.ts';

export type { FunctionProcess } from './function-process.ts';
export type { Answer } from './request.ts';

export type TestBank = {
  /** `http://127.0.0.1:<port>`; the API is under `/api`, each function at `/<name>/`, as for a broker. */
  origin: string;
  /** Paths are without `/api`, which is put before them. */
  request: Request;
  /** Paths start with a function's name: `/notify/`. */
  deliver: Request;
  tokenFor: Issuer['tokenFor'];
  environment: Environment;
  stop: () => Promise<void>;
};

export type TestBankParts = {
  databases?: DatabaseAddresses;
  /** Names, or functions of the test's own. */
  functions: readonly (string | BankFunction)[];
  /** Two banks with one issuer on the same databases are two copies of every function. */
  issuer?: Issuer;
  config?: Partial<Config>;
  now?: () => Date;
};

const started: (() => Promise<unknown>)[] = [];
afterAll(async () => {
  for (const stop of started.splice(0).reverse()) await stop();
}, 30_000);

export async function givenIssuer(): Promise<Issuer> {
  const issuer = await startIssuer();
  started.push(issuer.close);
  return issuer;
}

export async function startBank({ databases, functions, config, now, ...parts }: TestBankParts): Promise<TestBank> {
  const issuer = parts.issuer ?? (await givenIssuer());
  const bound = await Promise.all(functions.map(async (fn) => (typeof fn === 'string' ? loadFunction(fn) : fn)));
  const stopping = new AbortController();
  let listener: Listener = () => undefined;
  const server = await listen((request, response) => listener(request, response), {
    port: 0,
    host: '127.0.0.1',
    graceMs: 5_000,
  });

  const environment = createEnvironment(
    {
      port: server.port,
      host: '127.0.0.1',
      databaseUrls: databases
        ? { users: databases.users.url, ledger: databases.ledger.url, notifications: databases.notifications.url }
        : {},
      poolMax: 8,
      functionUrl: `${server.url}/{function}`,
      logLevel: 'silent',
      ...tokenConfig(issuer),
      ...config,
    },
    now ? { now } : {},
  );
  listener = createEdge(bound, bindFunctions(environment, bound, stopping.signal));

  let stopped: Promise<void> | undefined;
  const stop = () => {
    stopping.abort();
    return (stopped ??= server.stop().then(environment.close));
  };
  started.push(stop);
  return {
    origin: server.url,
    request: requestTo(`${server.url}/api`),
    deliver: requestTo(server.url),
    tokenFor: issuer.tokenFor,
    environment,
    stop,
  };
}

/** A function in a process of its own; `env` adds to what the issuer's tokens need. */
export async function startFunctionProcess(
  name: string,
  env: Record<string, string>,
  more: { issuer?: Issuer; main?: string } = {},
): Promise<FunctionProcess> {
  const { jwksUrl, jwtIssuer, jwtAudience } = more.issuer ?? (await givenIssuer());
  const variables = { JWKS_URL: jwksUrl, JWT_ISSUER: jwtIssuer, JWT_AUDIENCE: jwtAudience, ...env };
  const running = await startProcess(name, variables, more.main);
  started.push(() => running.kill('SIGKILL'));
  return running;
}

function tokenConfig({ jwksUrl, jwtIssuer, jwtAudience, signingKey }: Issuer) {
  return { jwksUrl, jwtIssuer, jwtAudience, signingKey };
}

function createEdge(functions: readonly BankFunction[], listeners: ReadonlyMap<string, Listener>): Listener {
  const router = createRouter(functions.map((fn) => fn.contract));
  return (request, response) => {
    const { path, search } = splitTarget(request.url);
    const [, first = '', rest = '/'] = /^\/([^/]*)(\/.*)?$/.exec(path) ?? [];
    request.url = search ? `${rest}?${search}` : rest;
    const inside = listeners.get(first);
    if (inside) return inside(request, response);
    const match = first === 'api' ? router.match(request.method ?? '', rest) : ({ kind: 'unknown' } as const);
    if (match.kind !== 'route') return answerUnmatched(request, response, match);
    request.headers['x-forwarded-prefix'] = '/api';
    return listeners.get(match.contract.name)?.(request, response);
  };
}
