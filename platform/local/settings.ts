// What `npm start` can be told through the environment; everything has a default that works on a laptop.
import { join, resolve } from 'node:path';
import * as z from 'zod';
import { isAmqpUrl } from '../../eventing/broker/amqp-address.ts';
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
  LOG_LEVEL: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']).default('warn'),
  /** Set by `npm run dev`: pages are compiled as they are asked for. */
  MICROBANK_HOT_RELOAD: z.literal('yes').optional(),
  /** Set by bootstrap.mjs: its process id. When that process is gone, we stop as well. */
  MICROBANK_STARTED_BY: z.coerce.number().int().optional(),
});

export type Settings = {
  port: number;
  databaseUrl: string | undefined;
  amqpUrl: string | undefined;
  dataFolder: string;
  postgresPort: number;
  logLevel: z.output<typeof variables>['LOG_LEVEL'];
  hotReload: boolean;
  startedBy: number | undefined;
};

/** @throws CannotStart naming every variable that is wrong. */
export function readSettings(environment: Record<string, string | undefined>): Settings {
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
    logLevel: data.LOG_LEVEL,
    hotReload: data.MICROBANK_HOT_RELOAD !== undefined,
    startedBy: data.MICROBANK_STARTED_BY,
  };
}

export const triggersFolder = join(checkout, 'eventing/triggers');
export const sourcesFolder = join(checkout, 'eventing/sources');
