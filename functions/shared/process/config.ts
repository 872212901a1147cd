// What a function is told by its surroundings: parses the process environment once, with every problem named at once.
import * as z from 'zod';
import type { JWK } from 'jose';
import { logLevels, type LogLevel } from '../watch/log.ts';
import type { DatabaseName } from '../contract/function.ts';

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
  jwtIssuer: string;
  jwtAudience: string;
  /** The private key that signs tokens; only sign-in is given it. */
  signingKey?: JWK;
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
  logLevel: LogLevel;
};

const jwk = z
  .string()
  .transform((text, context): unknown => {
    try {
      return JSON.parse(text);
    } catch {
      context.addIssue({ code: 'custom', message: 'is not JSON' });
      return z.NEVER;
    }
  })
  .pipe(z.looseObject({ kty: z.string(), kid: z.string(), d: z.string() }));

const edgeSecrets = z
  .string()
  .regex(
    /^[\w-]{32,255}(,[\w-]{32,255})?$/,
    'has to be 32 letters, digits, - or _, or more, or two such separated by a comma',
  )
  .transform((text) => text.split(','));

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
  JWT_ISSUER: z.string().min(1),
  JWT_AUDIENCE: z.string().min(1),
  SIGNING_KEY: jwk.optional(),
  FUNCTION_URL: httpUrl.includes('{function}', 'must say where the name goes, as {function}').optional(),
  RELAY_URL: httpUrl.includes('{context}', 'must say where the context goes, as {context}').optional(),
  TRIGGERS_FOLDER: z.string().optional(),
  PROMETHEUS_URL: httpUrl.optional(),
  EDGE_SECRET: edgeSecrets.optional(),
  LOG_LEVEL: z.enum(logLevels).default('info'),
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
  return {
    functionTarget: read.FUNCTION_TARGET,
    port: read.PORT,
    host: read.HOST,
    databaseUrls: database !== undefined && read.DATABASE_URL !== undefined ? { [database]: read.DATABASE_URL } : {},
    poolMax: read.POOL_MAX,
    jwksUrl: read.JWKS_URL,
    jwtIssuer: read.JWT_ISSUER,
    jwtAudience: read.JWT_AUDIENCE,
    logLevel: read.LOG_LEVEL,
    ...(read.LISTEN_URL !== undefined && { listenUrl: read.LISTEN_URL }),
    ...(read.LONGEST_STREAM_SECONDS !== undefined && { longestStreamMs: read.LONGEST_STREAM_SECONDS * 1_000 }),
    ...(read.BROKER_URL !== undefined && { brokerUrl: read.BROKER_URL }),
    ...(read.SIGNING_KEY !== undefined && { signingKey: read.SIGNING_KEY }),
    ...(read.FUNCTION_URL !== undefined && { functionUrl: read.FUNCTION_URL }),
    ...(read.RELAY_URL !== undefined && { relayUrl: read.RELAY_URL }),
    ...(read.TRIGGERS_FOLDER !== undefined && { triggersFolder: read.TRIGGERS_FOLDER }),
    ...(read.PROMETHEUS_URL !== undefined && { prometheusUrl: read.PROMETHEUS_URL }),
    ...(read.EDGE_SECRET !== undefined && { edgeSecrets: read.EDGE_SECRET }),
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
