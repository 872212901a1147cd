// `npm start` with AMQP_URL: the bank on a RabbitMQ that is there, goes away, comes back, or was never there.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterAll, expect, test } from 'vitest';
import { givenRabbitMq } from '../../eventing/testing/amqp-broker.ts';
import { openBroker } from './broker.ts';
import { countSteps } from './steps.ts';
import { npmStart, signIn } from './testing/npm-start.ts';

const rabbit = givenRabbitMq();
const data = await mkdtemp(join(tmpdir(), 'microbank-rabbitmq-'));
afterAll(() => rm(data, { recursive: true, force: true }));

test('carries events over RabbitMQ, and outlasts its absence', { timeout: 120_000 }, async () => {
  const bank = npmStart({ MICROBANK_DATA: data, AMQP_URL: rabbit.url });
  const address = await bank.ready();
  const { host, password } = new URL(rabbit.url);
  expect(bank.output()).toContain(`broker, RabbitMQ on ${host}, quorum queues`);

  const { access_token: token } = (await (await signIn(address, data)).json()) as { access_token: string };
  const call = (path: string, body?: object): Promise<Response> =>
    fetch(`${address}/api${path}`, {
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      ...(body && { method: 'POST', body: JSON.stringify(body) }),
    });
  const post = async (path: string, body: object): Promise<number> => {
    const answer = await call(path, body);
    expect(answer.status).toBe(201);
    return ((await answer.json()) as { id: number }).id;
  };
  const notifications = async (): Promise<number> => ((await (await call('/notifications')).json()) as []).length;

  const user = await post('/users', { name: 'Ada', email: 'ada@example.com', phone: '+4912345678' });
  const account = await post('/accounts', { user_id: user, account_type: 'checking', balance: 10 });
  await expect.poll(notifications, { timeout: 10_000 }).toBe(1);
  await rabbit.stop();
  await post('/deposits', { account_id: account, amount: 1 });
  await rabbit.start();
  // What was posted meanwhile waits in the outbox for the relay; what is posted now needs the broker to have come back by itself.
  await expect
    .poll(
      async () => {
        await post('/deposits', { account_id: account, amount: 1 });
        return notifications();
      },
      { timeout: 20_000, interval: 500 },
    )
    .toBeGreaterThan(1);

  bank.process.kill('SIGINT');
  const { code, output } = await bank.ended;
  expect(code).toBe(0);
  expect(output).not.toContain(password);
});

test('says in one line why RabbitMQ does not let it in, without the password', { timeout: 60_000 }, async () => {
  const wrong = new URL(rabbit.url);
  wrong.password = 's3cret';
  const { code, output } = await npmStart({ MICROBANK_DATA: data, AMQP_URL: wrong.href }).ended;
  expect(output.trimEnd().split('\n').at(-1)).toMatch(
    /^microbank: RabbitMQ on 127\.0\.0\.1:\d+ can't be used \(.*ACCESS.REFUSED.*\); start it, or correct AMQP_URL$/,
  );
  expect(code).toBe(1);
  expect(output).not.toContain('s3cret');
});

test('waits for a RabbitMQ that is not there yet, and stops waiting on Ctrl-C', { timeout: 60_000 }, async () => {
  const bank = npmStart({ MICROBANK_DATA: data, AMQP_URL: 'amqp://127.0.0.1:9' });
  while (!bank.output().includes('waiting 30 s more for RabbitMQ on 127.0.0.1:9'))
    await once(bank.process.stdout!, 'data');
  bank.process.kill('SIGINT');
  expect(await bank.ended).toMatchObject({ code: 0 });
});

test.each([undefined, 'on RabbitMQ'])('names file and field of a trigger that cannot be honoured', async (where) => {
  const folder = await mkdtemp(join(data, 'triggers-'));
  await writeFile(
    join(folder, 'odd.yaml'),
    'apiVersion: eventing.knative.dev/v1\nkind: Trigger\nspec: { filters: [] }\n',
  );
  await using undo = new AsyncDisposableStack();
  const opening = openBroker(
    { amqpUrl: where && rabbit.url, triggersFolder: folder, platformProof: 'p'.repeat(32) },
    'http://127.0.0.1:9',
    pino({ level: 'silent' }),
    { steps: countSteps(() => {}, new AbortController().signal), undo, say: () => {} },
  );
  await expect(opening).rejects.toThrow(
    /^eventing\/triggers: odd\.yaml: metadata: .*; .*spec\.filters: is not honoured/,
  );
});
