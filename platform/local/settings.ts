// What `npm start` can be told through the environment; everything has a default that works on a laptop.
import { join, resolve } from 'node:path';
import * as z from 'zod';
import { isAmqpUrl } from '../../eventing/broker/amqp-address.ts';
import type { CashDesk } from '../../functions/shared/ledger/posting.ts';
import { tracingFrom, tracingVariables, type Tracing } from '../../functions/shared/tracing/tracing-variables.ts';
import { CannotStart } from './cannot-start.ts';

export const checkout = resolve(import.meta.dirname, '../..');

const port = z.coerce.number('is not a port number').int('is not a port number').min(0).max(65_535);

const variables = z.object({
  /** Where the gateway listens on loopback; 0 = any free port. */
  PORT: port.default(8080),
  /** Admin address of a PostgreSQL 18 to use instead of the embedded one. */
  DATABASE_URL: z.url({ protocol: /^postgres(ql)?$/, error: 'is not a postgres:// address' }).optional(),
  /** A RabbitMQ that carries the events instead of this process. */
  AMQP_URL: z.string().refine(isAmqpUrl, 'is not an amqp:// or amqps:// address').optional(),
  /** Everything that is kept between runs; relative to the checkout. */
  MICROBANK_DATA: z.string().default('.microbank'),
  MICROBANK_POSTGRES_PORT: port.default(54_329),
  /** Whether customers pay in and take out cash by themselves: on a laptop nobody stands at a desk. */
  CASH_DESK: z.enum(['open', 'closed'], 'is neither open nor closed').default('open'),
  /** Minor units of an account's currency (cents, yen) that its owner may pay in, and take out, on one day (UTC). */
  CASH_DESK_DAILY_LIMIT: z.coerce
    .number('is not a whole number')
    .int('is not a whole number')
    .min(1)
    .max(1e14)
    .default(1_000_000),
  LOG_LEVEL: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']).default('warn'),
  /** Set by `npm run dev`: pages are compiled as they are asked for. */
  MICROBANK_HOT_RELOAD: z.literal('yes').optional(),
  /** A Prometheus to start with `--observe`, where it is not in the PATH. */
  PROMETHEUS: z.string().default('prometheus'),
  /** Spans, by OpenTelemetry's own variables. */
  ...tracingVariables,
  /** Set by `npm run bench`: SIGUSR2 leaves counting out, and takes it up again, which shows what it costs. */
  MICROBANK_COUNTING_SWITCH: z.literal('yes').optional(),
  /** Set by bootstrap.mjs: its process id. When that process is gone, we stop as well. */
  MICROBANK_STARTED_BY: z.coerce.number().int().optional(),
});

export type Settings = {
  port: number;
  databaseUrl: string | undefined;
  amqpUrl: string | undefined;
  dataFolder: string;
  postgresPort: number;
  cashDesk: CashDesk | undefined;
  logLevel: z.output<typeof variables>['LOG_LEVEL'];
  hotReload: boolean;
  /** The Prometheus to start beside the bank; undefined: none. */
  prometheus: string | undefined;
  /** Undefined: no spans. */
  tracing: Tracing | undefined;
  /** Whether SIGUSR2 switches counting off and on. */
  countingSwitch: boolean;
  startedBy: number | undefined;
};

/** @throws CannotStart naming every variable that is wrong. */
export function readSettings(environment: Record<string, string | undefined>, args: readonly string[] = []): Settings {
  const unknown = args.filter((arg) => arg !== '--observe');
  if (unknown.length > 0) throw new CannotStart(`npm start takes --observe, and not ${unknown.join(' ')}`);
  const given = Object.entries(environment).filter(([, value]) => value !== ''); // Empty is as good as absent.
  const parsed = variables.safeParse(Object.fromEntries(given));
  if (!parsed.success) {
    throw new CannotStart(parsed.error.issues.map((issue) => `${issue.path.join('.')} ${issue.message}`).join('; '));
  }
  const { data } = parsed;
  return {
    port: data.PORT,
    databaseUrl: data.DATABASE_URL,
    amqpUrl: data.AMQP_URL,
    dataFolder: resolve(checkout, data.MICROBANK_DATA),
    postgresPort: data.MICROBANK_POSTGRES_PORT,
    cashDesk: data.CASH_DESK === 'open' ? { dailyLimitMinor: data.CASH_DESK_DAILY_LIMIT } : undefined,
    logLevel: data.LOG_LEVEL,
    hotReload: data.MICROBANK_HOT_RELOAD !== undefined,
    prometheus: args.includes('--observe') ? data.PROMETHEUS : undefined,
    tracing: tracingFrom(data, { 'service.name': 'microbank' }),
    countingSwitch: data.MICROBANK_COUNTING_SWITCH !== undefined,
    startedBy: data.MICROBANK_STARTED_BY,
  };
}

export const triggersFolder = join(checkout, 'eventing/triggers');
export const sourcesFolder = join(checkout, 'eventing/sources');
