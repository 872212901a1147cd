// The servers of the measurement, all our own: PostgreSQL with the bank's databases, and RabbitMQ.
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type RabbitMq, startRabbitMq } from '../../eventing/testing/rabbitmq.ts';
import { type DatabaseAddress, prepareDatabases } from '../local/databases.ts';
import { startPostgres } from '../local/postgres.ts';
import { randomPassword, randomRolePasswords } from '../local/secrets.ts';

export type Servers = AsyncDisposable & {
  /** The superuser's address, database `postgres`. */
  adminUrl: string;
  ledger: DatabaseAddress;
  postgresPid: number;
  rabbit: RabbitMq;
  rabbitPid: number;
};

export async function startServers(): Promise<Servers> {
  const undo = new AsyncDisposableStack();
  try {
    const folder = undo.adopt(await mkdtemp(join(tmpdir(), 'microbank-bench-')), (path) =>
      rm(path, { recursive: true }),
    );
    await chmod(folder, 0o711); // PostgreSQL may run as another user and has to get through.
    const postgres = await startPostgres({
      folder: join(folder, 'postgres'),
      port: 0,
      password: randomPassword(),
      settings: ['track_commit_timestamp=on'],
      say: console.log,
    });
    undo.defer(postgres.stop);
    const { addresses } = await prepareDatabases(postgres.adminUrl, randomRolePasswords());
    const rabbit = await startRabbitMq();
    undo.defer(rabbit.close);
    return {
      adminUrl: postgres.adminUrl,
      ledger: addresses.ledger,
      postgresPid: postgres.pid(),
      rabbit,
      rabbitPid: Number(await rabbit.control('eval', 'list_to_integer(os:getpid()).')),
      [Symbol.asyncDispose]: () => undo.disposeAsync(),
    };
  } catch (error) {
    await undo.disposeAsync();
    throw error;
  }
}
