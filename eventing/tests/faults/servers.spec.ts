// The servers that the bank stands on go away under load: RabbitMQ, the broker's process, PostgreSQL. Nothing is lost or doubled.
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, test } from 'vitest';
import { givenDatabases } from '../../../functions/shared/testing/postgres.ts';
import { prepareDatabases } from '../../../platform/local/databases.ts';
import { startPostgres } from '../../../platform/local/postgres.ts';
import { randomPassword, randomRolePasswords } from '../../../platform/local/secrets.ts';
import { type RabbitMq, startRabbitMq } from '../../testing/rabbitmq.ts';
import { freePort } from './testing/free-port.ts';
import { startLoad } from './testing/load.ts';
import { expectNothingLost } from './testing/outcome.ts';
import { openWorld } from './testing/world.ts';

const perSecond = 20;
const awayMs = 60_000;
const brokerKills = 20;
const postgresRestarts = 3;
const postgresAwayMs = 3_000;

let rabbit: RabbitMq;
beforeAll(async () => {
  rabbit = await startRabbitMq();
});
afterAll(() => rabbit.close());

test('RabbitMQ is stopped for 60 s under load and started again', async () => {
  await using world = await openWorld(rabbit, await givenDatabases());
  const load = await startLoad(world, perSecond);
  await sleep(2_000);
  await rabbit.stop();
  await sleep(awayMs);
  await rabbit.start();
  const answered = await load.stop();
  await expectNothingLost('RabbitMQ away for 60 s', world, answered);
});

test('the broker’s process is killed 20 times under load', async () => {
  await using world = await openWorld(rabbit, await givenDatabases());
  const load = await startLoad(world, perSecond);
  for (let i = 0; i < brokerKills; i++) {
    await sleep(Math.random() * 1_000); // So that the kills hit it in different moments.
    await world.restartBroker();
  }
  const answered = await load.stop();
  await expectNothingLost(`broker killed ${brokerKills} times`, world, answered);
});

test('PostgreSQL is restarted under load', async () => {
  await using postgres = await givenPostgres();
  await using world = await openWorld(rabbit, postgres.databases);
  const load = await startLoad(world, perSecond);
  for (let i = 0; i < postgresRestarts; i++) {
    await sleep(3_000);
    await postgres.restart();
  }
  await sleep(1_000);
  const answered = await load.stop();
  await expectNothingLost(`PostgreSQL restarted ${postgresRestarts} times`, world, answered);
});

/** A server of the test's own, since the other tests need theirs. */
async function givenPostgres() {
  const parent = await mkdtemp(join(tmpdir(), 'microbank-faults-'));
  await chmod(parent, 0o711); // It may run as another user and has to get through.
  const options = {
    folder: join(parent, 'postgres'),
    port: await freePort(),
    password: randomPassword(),
    say: () => undefined,
  };
  let server = await startPostgres(options);
  const { addresses } = await prepareDatabases(server.adminUrl, randomRolePasswords());
  return {
    databases: addresses,
    async restart() {
      await server.stop();
      await sleep(postgresAwayMs);
      server = await startPostgres(options);
    },
    async [Symbol.asyncDispose]() {
      await server.stop();
      await rm(parent, { recursive: true, force: true });
    },
  };
}
