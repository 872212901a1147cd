// What other tests rely on: a RabbitMQ of their own that can be stopped, killed, started again and leaves nothing behind.
import { access } from 'node:fs/promises';
import { connect } from 'amqplib';
import { expect, onTestFinished, test } from 'vitest';
import { startRabbitMq, type RabbitMq } from './rabbitmq.ts';
import { findPrograms } from './rabbitmq-node.ts';

test('keeps what is on disk when it is stopped or killed, on the same port', { timeout: 60_000 }, async () => {
  const rabbit = await givenRabbitMq();
  await publishDurably(rabbit, 'one');
  await rabbit.stop();
  await expect(connect(rabbit.url)).rejects.toThrow('ECONNREFUSED');
  await rabbit.start();
  await publishDurably(rabbit, 'two');
  await rabbit.kill();
  await rabbit.start();
  expect((await rabbit.control('list_queues', 'name', 'messages')).trim().split(/\s+/)).toEqual([
    ...['name', 'messages'],
    ...['kept', '2'],
  ]);
});

test('raises the memory alarm and takes it back, and ends what it started', { timeout: 60_000 }, async () => {
  const rabbit = await givenRabbitMq();
  const folder = /"(.*)\/data\//.exec(await rabbit.control('eval', 'rabbit_mnesia:dir().'))?.[1] as string;
  const epmdPort = Number(await rabbit.control('eval', 'list_to_integer(os:getenv("ERL_EPMD_PORT")).'));
  const connection = await connect(rabbit.url);
  const events: string[] = [];
  connection.on('blocked', () => events.push('blocked')).on('unblocked', () => events.push('unblocked'));
  connection.on('error', () => undefined);
  const channel = await connection.createConfirmChannel();

  await rabbit.setMemoryAlarm(true);
  channel.publish('', 'nowhere', Buffer.from('x'));
  const confirmed = channel.waitForConfirms();
  await expect.poll(() => events).toEqual(['blocked']);
  await rabbit.setMemoryAlarm(false);
  await confirmed;
  expect(events).toEqual(['blocked', 'unblocked']);

  await rabbit.closeConnections();
  await rabbit.close();
  await expect(connect(rabbit.url)).rejects.toThrow('ECONNREFUSED');
  await expect(connect(`amqp://127.0.0.1:${epmdPort}`)).rejects.toThrow('ECONNREFUSED');
  await expect(access(folder)).rejects.toThrow('ENOENT');
});

test('names the package that is missing', async () => {
  await expect(findPrograms(['/nowhere'])).rejects.toThrow(
    'RabbitMQ is not installed (no rabbitmq-server, rabbitmqctl); install it with: apt-get install rabbitmq-server',
  );
});

async function givenRabbitMq(): Promise<RabbitMq> {
  const rabbit = await startRabbitMq();
  onTestFinished(() => rabbit.close());
  return rabbit;
}

async function publishDurably({ url }: RabbitMq, text: string): Promise<void> {
  const connection = await connect(url);
  const channel = await connection.createConfirmChannel();
  await channel.assertQueue('kept', { durable: true });
  channel.sendToQueue('kept', Buffer.from(text), { persistent: true });
  await channel.waitForConfirms();
  await connection.close();
}
