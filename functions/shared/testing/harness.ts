// The bank for a test: real functions on real databases behind `/api` on a free port, and tokens for anybody. Stops itself.
import { randomUUID } from 'node:crypto';
import type { Logger } from 'pino';
import { afterAll } from 'vitest';
import type { DatabaseAddresses } from '../../../platform/local/databases.ts';
import { isSpeaker } from '../../../eventing/signing/speakers.ts';
import type { Config } from '../process/config.ts';
import { createEnvironment } from '../process/create-environment.ts';
import type { Environment } from '../process/environment.ts';
import { splitTarget } from '../serving/exchange.ts';
import type { BankFunction } from '../process/define-function.ts';
import { listen } from '../serving/listen.ts';
import { functionNames, loadFunction } from '../process/load-functions.ts';
import { createRouter } from '../serving/router.ts';
import { answerUnmatched, bindFunctions, type Listener } from '../serving/listener.ts';
import { startFunctionProcess as startProcess, type FunctionProcess } from './function-process.ts';
import { startIssuer, tokenConfig, type Issuer } from './issuer.ts';
import { givenSession, givenTellerRow } from './people.ts';
import { requestTo, type Request } from './request.ts';
import { speaking } from './speak.ts';

export type { FunctionProcess } from './function-process.ts';
export type { Answer } from './request.ts';

export type TestBank = {
  /** `http://127.0.0.1:<port>`; the API is under `/api`, each function at `/<name>/`, as for a broker. */
  origin: string;
  /** Paths are without `/api`, which is put before them. */
  request: Request;
  /** As the bank itself and the platform speak to functions; paths start with a function's name: `/notify/`. */
  deliver: Request;
  /** The same as anybody may: nothing is signed. */
  reach: Request;
  issuer: Issuer;
  /** Where the token's user is known to the bank, their session is as well. */
  tokenFor: Issuer['tokenFor'];
  /** A token of a teller who really is one, as whatever gives or takes rights requires. */
  tellerToken: (userId?: number) => Promise<string>;
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
  /** Nothing is logged without one. */
  log?: Logger;
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

export async function startBank({
  databases,
  functions,
  config,
  now,
  log,
  ...parts
}: TestBankParts): Promise<TestBank> {
  const issuer = parts.issuer ?? (await givenIssuer());
  const bound = await Promise.all(functions.map(async (fn) => (typeof fn === 'string' ? loadFunction(fn) : fn)));
  const stopping = new AbortController();
  let listener: Listener = () => undefined;
  const server = await listen((request, response) => listener(request, response), {
    port: 0,
    host: '127.0.0.1',
    graceMs: 5_000,
  });

  const signsIn = databases !== undefined && bound.some(({ contract }) => contract.name === 'sign-in');
  const environment = createEnvironment(
    {
      port: server.port,
      host: '127.0.0.1',
      databaseUrls: databases
        ? { users: databases.users.url, ledger: databases.ledger.url, notifications: databases.notifications.url }
        : {},
      poolMax: 8,
      functionUrl: `${server.url}/{function}`,
      cashDesk: { dailyLimitMinor: undefined },
      logLevel: 'silent',
      // As a browser would come to it.
      passkeyOrigins: [`http://localhost:${server.port}`],
      ...tokenConfig(issuer),
      ...(signsIn && { endedSessionsUrl: `${server.url}/sign-in/.well-known/ended-sessions.json` }),
      ...config,
    },
    { ...(now && { now }), ...(log && { log }) },
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
    deliver: speaking(requestTo(server.url), issuer),
    reach: requestTo(server.url),
    issuer,
    ...createTokens(issuer, databases),
    environment,
    stop,
  };
}

/** Nobody's page is there. */
const passkeyOrigin = 'http://localhost:8080';
const openDesk = { CASH_DESK: 'open', CASH_DESK_DAILY_LIMIT: '100000000000000' };

/** A function in a process of its own; `env` adds to what the issuer's tokens need. `deliver` speaks as the bank does, to its paths. */
export async function startFunctionProcess(
  name: string,
  env: Record<string, string>,
  more: { issuer?: Issuer; main?: string } = {},
): Promise<FunctionProcess & { deliver: Request }> {
  const issuer = more.issuer ?? (await givenIssuer());
  const key = await signingKeyOf(issuer, name, env['DATABASE']);
  const ownKey = key && { EVENT_SIGNING_KEY: JSON.stringify(key) };
  const variables = { ...variablesOf(issuer), ...ownKey, ...openDesk, ...env };
  const running = await startProcess(name, variables, more.main);
  started.push(() => running.kill('SIGKILL'));
  // Its root is where the bank has `/<name>/`.
  const send: Request = (method, path, parts) => running.request(method, path.slice(name.length + 1), parts);
  const deliver: Request = (method, path, parts) => speaking(send, issuer)(method, `/${name}${path}`, parts);
  return { ...running, deliver };
}

function createTokens(issuer: Issuer, databases?: DatabaseAddresses): Pick<TestBank, 'tokenFor' | 'tellerToken'> {
  const tokenFor: Issuer['tokenFor'] = async (wish) => {
    const { sessionId = randomUUID() } = wish;
    if (databases && sessionId !== null && Number.isSafeInteger(wish.userId)) {
      await givenSession(databases.users, Number(wish.userId), sessionId);
    }
    return issuer.tokenFor({ ...wish, sessionId });
  };
  return {
    tokenFor,
    async tellerToken(userId = 900) {
      if (databases) await givenTellerRow(databases.users, userId);
      return tokenFor({ userId, role: 'teller', expiresIn: 100_000 });
    },
  };
}

/** As a cluster gives it: its own, or that of its context; none to what is no function of the bank. */
async function signingKeyOf({ eventSigningKeys }: Issuer, name: string, database?: string) {
  if (!(await functionNames()).includes(name)) return undefined;
  const { databases } = (await loadFunction(name)).contract;
  const speaker = isSpeaker(name) ? name : (database ?? databases[0]);
  return eventSigningKeys.find((key) => key.speaker === speaker);
}

function variablesOf(issuer: Issuer): Record<string, string> {
  const { jwksUrl, endedSessionsUrl, jwtIssuer, jwtAudience, eventKeysUrl, platformProof } = issuer;
  return {
    JWKS_URL: jwksUrl,
    ENDED_SESSIONS_URL: endedSessionsUrl,
    JWT_ISSUER: jwtIssuer,
    JWT_AUDIENCE: jwtAudience,
    EVENT_KEYS_URL: eventKeysUrl,
    PLATFORM_PROOF: platformProof,
    PASSKEY_ORIGINS: passkeyOrigin,
  };
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
