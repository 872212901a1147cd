// What a function is told by its surroundings: parses the process environment once, with every problem named at once.
import * as z from 'zod';
import type { JWK } from 'jose';
import { isSpeaker, type Speaker } from '../../../eventing/signing/speakers.ts';
import { logLevels, type LogLevel } from '../watch/log.ts';
import type { DatabaseName } from '../contract/function.ts';
import type { CashDesk } from '../ledger/posting.ts';
import { type Service, tracingFrom, tracingVariables, type Tracing } from '../tracing/tracing-variables.ts';

export type Config = {
  functionTarget?: string;
  port: number;
  host: string;
  /** One address per database whose password this process is given. */
  databaseUrls: Partial<Record<DatabaseName, string>>;
  /** Connections per database and process; copies × this must stay under `max_connections`. */
  poolMax: number;
  /** The notifications database itself, where a transaction pooler stands before it: LISTEN needs a session. Else `databaseUrls` has it. */
  listenUrl?: string;
  /** An event stream ends by itself after this: before a proxy on the way cuts it. read-notifications.ts has a default. */
  longestStreamMs?: number;
  brokerUrl?: string;
  jwksUrl: string;
  /** The list of sessions that ended before their tokens did: access/ended-sessions.ts. */
  endedSessionsUrl: string;
  jwtIssuer: string;
  jwtAudience: string;
  /** The private key that signs tokens; only sign-in is given it. */
  signingKey?: JWK;
  /** With which this process signs its events and questions: its own speaker's on a cluster, everybody's where one process is the whole bank. */
  eventSigningKeys?: readonly SpeakerKey[];
  /** The keys that events and questions of others are verified with: a JWKS whose keys say whose they are. */
  eventKeysUrl?: string;
  /** What the platform shows with ticks and dead letters, two while it changes; without any, none is the platform's. */
  platformProofs?: readonly string[];
  /** Where people reach the pages, e.g. `https://bank.example`: credentials/passkey-sites.ts says what for. Only sign-in and passkeys need it. */
  passkeyOrigins?: readonly string[];
  /** Where other functions are, e.g. `http://{function}.bank.svc.cluster.local`. */
  functionUrl?: string;
  /** Where the relays are, one for each context, e.g. `http://relay-{context}.bank.svc.cluster.local`; else the function relay is asked. */
  relayUrl?: string;
  /** The Trigger manifests; the repository's own when absent. */
  triggersFolder?: string;
  /** A Prometheus that scrapes every function's `/metrics`; what operations shows of the functions is read there. */
  prometheusUrl?: string;
  /** What the edge shows with each request (serving/from-edge.ts), two while it changes; without any, no request is the edge's. */
  edgeSecrets?: readonly string[];
  /** Where customers pay in and take out cash by themselves, as demonstrations need it; without one only tellers take and give cash. */
  cashDesk?: CashDesk;
  /** Spans are made and sent; without it nothing of OpenTelemetry is loaded. */
  tracing?: Tracing;
  logLevel: LogLevel;
};

/** A private Ed25519 key, and whose it is. */
export type SpeakerKey = JWK & { kid: string; speaker: Speaker };

const json = z.string().transform((text, context): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    context.addIssue({ code: 'custom', message: 'is not JSON' });
    return z.NEVER;
  }
});
const jwk = json.pipe(z.looseObject({ kty: z.string(), kid: z.string(), d: z.string() }));
const speakerKey = json.pipe(
  z.looseObject({
    kty: z.literal('OKP'),
    crv: z.literal('Ed25519'),
    kid: z.string().min(1),
    x: z.string(),
    d: z.string(),
    speaker: z.custom<Speaker>(isSpeaker, 'is no speaker'),
  }),
);

const secrets = z
  .string()
  .regex(
    /^[\w-]{32,255}(,[\w-]{32,255})?$/,
    'has to be 32 letters, digits, - or _, or more, or two such separated by a comma',
  )
  .transform((text) => text.split(','));

/** Browsers make no passkeys at addresses of numbers, and at `http` only on the machine itself. */
const passkeyOrigins = z
  .string()
  .transform((text) => text.split(','))
  .refine((origins) => origins.length <= 10 && origins.every(isPageOrigin), {
    error:
      'has to be origins separated by commas, as browsers write them: https://bank.example, or http://localhost:8080',
  });

function isPageOrigin(text: string): boolean {
  const url = URL.parse(text);
  if (url?.origin !== text || /^[\d.]+$|^\[/.test(url.hostname)) return false;
  return url.protocol === 'https:' || (url.protocol === 'http:' && /(^|\.)localhost$/.test(url.hostname));
}

const httpUrl = z.url({ protocol: /^https?$/ });
const postgresUrl = z.url({ protocol: /^postgres(ql)?$/ });

const variables = z.object({
  FUNCTION_TARGET: z.string().regex(/^[a-z][a-z-]{0,61}[a-z]$/, 'is not the name of a function'),
  PORT: z.coerce.number().int().min(0).max(65535).default(8080),
  HOST: z.string().min(1).default('0.0.0.0'),
  DATABASE: z.enum(['users', 'ledger', 'notifications']).optional(),
  DATABASE_URL: postgresUrl.optional(),
  LISTEN_URL: postgresUrl.optional(),
  LONGEST_STREAM_SECONDS: z.coerce.number().int().min(1).max(86_400).optional(),
  POOL_MAX: z.coerce.number().int().min(1).max(100).default(8),
  BROKER_URL: httpUrl.optional(),
  JWKS_URL: httpUrl,
  ENDED_SESSIONS_URL: httpUrl,
  JWT_ISSUER: z.string().min(1),
  JWT_AUDIENCE: z.string().min(1),
  SIGNING_KEY: jwk.optional(),
  PASSKEY_ORIGINS: passkeyOrigins.optional(),
  FUNCTION_URL: httpUrl.includes('{function}', 'must say where the name goes, as {function}').optional(),
  RELAY_URL: httpUrl.includes('{context}', 'must say where the context goes, as {context}').optional(),
  TRIGGERS_FOLDER: z.string().optional(),
  PROMETHEUS_URL: httpUrl.optional(),
  EDGE_SECRET: secrets.optional(),
  EVENT_SIGNING_KEY: speakerKey.optional(),
  EVENT_KEYS_URL: httpUrl.optional(),
  PLATFORM_PROOF: secrets.optional(),
  CASH_DESK: z.enum(['open', 'closed']).default('closed'),
  CASH_DESK_DAILY_LIMIT: z.coerce.number().int().min(1).max(1e14).default(1_000_000),
  LOG_LEVEL: z.enum(logLevels).default('info'),
  ...tracingVariables,
  /** Told by Knative: the Service and the Revision that this is a copy of, and the pod. */
  K_SERVICE: z.string().optional(),
  K_REVISION: z.string().optional(),
  HOSTNAME: z.string().optional(),
});
export type Variables = z.output<typeof variables>;

/** What the environment says, with empty values read as absent; throws `ConfigInvalid` naming every variable that is missing or wrong. */
export function readVariables(env: Record<string, string | undefined>): Variables {
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ''));
  const parsed = variables.safeParse(given);
  if (parsed.success) return parsed.data;
  throw new ConfigInvalid(
    parsed.error.issues.map((issue) => {
      const name = String(issue.path[0]);
      return given[name] === undefined ? `${name} is missing` : `${name}: ${issue.message}`;
    }),
  );
}

/**
 * The config of one function that runs alone; `databases` comes from its contract. DATABASE_URL is the one that DATABASE names,
 * for a function that is deployed once for each of them, or the first.
 */
export function configFrom(read: Variables, databases: readonly DatabaseName[]): Config {
  const { DATABASE: database = databases[0] } = read;
  if (database !== undefined && !databases.includes(database)) {
    const possible = databases.length === 0 ? 'none' : databases.join(' or ');
    throw new ConfigInvalid([`DATABASE is ${database}: ${read.FUNCTION_TARGET} works on ${possible}`]);
  }
  if (database !== undefined && read.DATABASE_URL === undefined) {
    throw new ConfigInvalid([`DATABASE_URL is missing: ${read.FUNCTION_TARGET} works on the ${database} database`]);
  }
  const tracing = tracingFrom(read, serviceOf(read));
  return {
    functionTarget: read.FUNCTION_TARGET,
    port: read.PORT,
    host: read.HOST,
    databaseUrls: database !== undefined && read.DATABASE_URL !== undefined ? { [database]: read.DATABASE_URL } : {},
    poolMax: read.POOL_MAX,
    jwksUrl: read.JWKS_URL,
    endedSessionsUrl: read.ENDED_SESSIONS_URL,
    jwtIssuer: read.JWT_ISSUER,
    jwtAudience: read.JWT_AUDIENCE,
    logLevel: read.LOG_LEVEL,
    ...(read.LISTEN_URL !== undefined && { listenUrl: read.LISTEN_URL }),
    ...(read.LONGEST_STREAM_SECONDS !== undefined && { longestStreamMs: read.LONGEST_STREAM_SECONDS * 1_000 }),
    ...(read.BROKER_URL !== undefined && { brokerUrl: read.BROKER_URL }),
    ...(read.SIGNING_KEY !== undefined && { signingKey: read.SIGNING_KEY }),
    ...(read.PASSKEY_ORIGINS !== undefined && { passkeyOrigins: read.PASSKEY_ORIGINS }),
    ...(read.FUNCTION_URL !== undefined && { functionUrl: read.FUNCTION_URL }),
    ...(read.RELAY_URL !== undefined && { relayUrl: read.RELAY_URL }),
    ...(read.TRIGGERS_FOLDER !== undefined && { triggersFolder: read.TRIGGERS_FOLDER }),
    ...(read.PROMETHEUS_URL !== undefined && { prometheusUrl: read.PROMETHEUS_URL }),
    ...(read.CASH_DESK === 'open' && { cashDesk: { dailyLimitMinor: read.CASH_DESK_DAILY_LIMIT } }),
    ...(read.EDGE_SECRET !== undefined && { edgeSecrets: read.EDGE_SECRET }),
    ...(read.EVENT_SIGNING_KEY !== undefined && { eventSigningKeys: [read.EVENT_SIGNING_KEY] }),
    ...(read.EVENT_KEYS_URL !== undefined && { eventKeysUrl: read.EVENT_KEYS_URL }),
    ...(read.PLATFORM_PROOF !== undefined && { platformProofs: read.PLATFORM_PROOF }),
    ...(tracing !== undefined && { tracing }),
  };
}

function serviceOf({ FUNCTION_TARGET, K_SERVICE, K_REVISION, HOSTNAME }: Variables): Service {
  return {
    'service.name': K_SERVICE ?? FUNCTION_TARGET,
    'service.namespace': 'microbank',
    'faas.name': FUNCTION_TARGET,
    ...(K_REVISION !== undefined && { 'faas.version': K_REVISION }),
    ...(K_SERVICE !== undefined && HOSTNAME !== undefined && { 'k8s.pod.name': HOSTNAME }),
  };
}

/** The process environment cannot be used; `problems` has one line per variable. */
export class ConfigInvalid extends Error {
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(`configuration: ${problems.join('; ')}`);
    this.problems = problems;
  }
}
