// A bank for one scenario: functions, broker and databases of its own, on a RabbitMQ that may be shared.
import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { type Consumers, readConsumers } from '../../../outbox/consumers.ts';
import type { RabbitMq } from '../../../testing/rabbitmq.ts';
import { startIssuer, tokenConfig } from '../../../../functions/shared/testing/issuer.ts';
import type { DatabaseAddresses } from '../../../../platform/local/databases.ts';
import type { BankProgramSettings } from './bank-program.ts';
import type { BrokerProgramSettings } from './broker-program.ts';
import { type FaultySubscriber, startFaultySubscriber } from './faulty-subscriber.ts';
import { freePort } from './free-port.ts';
import { startProgram, type Program } from '../../../testing/program.ts';

export type World = AsyncDisposable & {
  /** The API is under `/api`. */
  bankUrl: string;
  tellerToken: string;
  subscriber: FaultySubscriber;
  /** kill -9, then a new start at the same address. */
  restartBroker: () => Promise<void>;
  /** Owners of the databases. */
  ledger: pg.Pool;
  users: pg.Pool;
  notifications: pg.Pool;
  consumers: Consumers;
  /** Messages in RabbitMQ by queue, without the empty ones. */
  queues: () => Promise<Record<string, number>>;
  /** For somebody who puts things into its queues. */
  amqpUrl: string;
  /** What the programs have printed last, for the reader of a failure. */
  said: () => string;
};

export async function openWorld(rabbit: RabbitMq, databases: DatabaseAddresses): Promise<World> {
  const undo = new AsyncDisposableStack();
  try {
    return await open(rabbit, databases, undo);
  } catch (error) {
    await undo.disposeAsync();
    throw error;
  }
}

async function open(rabbit: RabbitMq, databases: DatabaseAddresses, undo: AsyncDisposableStack): Promise<World> {
  const issuer = undo.adopt(await startIssuer(), ({ close }) => close());
  const subscriber = undo.adopt(await startFaultySubscriber(), ({ close }) => close());
  const host = `faults-${randomBytes(4).toString('hex')}`;
  await rabbit.control('add_vhost', host);
  await rabbit.control('set_permissions', '-p', host, new URL(rabbit.url).username, '.*', '.*', '.*');
  const amqpUrl = `${rabbit.url}/${host}`;
  const port = await freePort();

  const databaseUrls = {
    users: databases.users.url,
    ledger: databases.ledger.url,
    notifications: databases.notifications.url,
  };
  const bankSettings: BankProgramSettings = {
    consumersUrl: subscriber.url,
    config: {
      databaseUrls,
      poolMax: 8,
      brokerUrl: `http://127.0.0.1:${port}/`,
      ...tokenConfig(issuer),
      passkeyOrigins: [],
      logLevel: 'warn',
    },
  };
  const bank = undo.adopt(await startProgram(program('bank'), bankSettings), ({ kill }) => kill());
  subscriber.setTarget(bank.url);

  const { platformProof } = issuer;
  const brokerSettings: BrokerProgramSettings = { amqpUrl, port, platformProof, functionsUrl: subscriber.url };
  const startBroker = (): Promise<Program> => startProgram(program('broker'), brokerSettings);
  let broker = await startBroker();
  undo.defer(() => broker.kill());

  const pool = ({ adminUrl }: { adminUrl: string }): pg.Pool => {
    const opened = new pg.Pool({ connectionString: adminUrl, max: 2 });
    opened.on('error', () => undefined); // PostgreSQL was stopped; the next query gets a new connection.
    return undo.adopt(opened, (open) => open.end());
  };
  return {
    bankUrl: bank.url,
    tellerToken: await issuer.tokenFor({ userId: 900_000, role: 'teller' }),
    subscriber,
    async restartBroker() {
      await broker.kill();
      broker = await startBroker();
    },
    ledger: pool(databases.ledger),
    users: pool(databases.users),
    notifications: pool(databases.notifications),
    consumers: await readConsumers(`${bank.url}/{function}`),
    queues: () => readQueues(rabbit, host),
    amqpUrl,
    said: () => `the bank said:\n${bank.said()}\nthe broker said:\n${broker.said()}`,
    [Symbol.asyncDispose]: () => undo.disposeAsync(),
  };
}

function program(name: 'bank' | 'broker'): URL {
  return new URL(`./${name}-program.ts`, import.meta.url);
}

async function readQueues(rabbit: RabbitMq, host: string): Promise<Record<string, number>> {
  const lines = (await rabbit.control('list_queues', '-p', host, 'name', 'messages')).trim().split('\n').slice(1);
  const queues: Record<string, number> = {};
  for (const [name = '', messages] of lines.map((line) => line.split('\t'))) {
    // One note is kept in bank.filters for good.
    if (name !== 'bank.filters' && Number(messages) > 0) queues[name] = Number(messages);
  }
  return queues;
}
