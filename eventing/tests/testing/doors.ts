// Every door at which an event may knock: both brokers, without a trigger, and a function. Tests ask all of them the same.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import http from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { startBank } from '../../../functions/shared/testing/harness.ts';
import { thingsFunction } from '../../../functions/shared/testing/things-function.ts';
import { startAmqpBroker } from '../../broker/amqp.ts';
import { startInProcessBroker } from '../../broker/in-process.ts';

export type Message = { headers: Readonly<Record<string, string>>; body: string | Buffer };
type Answer = { status: number; body: string };
export type Door = {
  name: string;
  post: (message: Message) => Promise<Answer>;
  /** Whether the answer says that the event was read and is valid, whatever becomes of it. */
  isTaken: (answer: Answer) => boolean;
};

/** `url` of a RabbitMQ. Events have to be of a type that no function takes. */
export async function openDoors(url: string): Promise<{ doors: Door[]; close: () => Promise<void> }> {
  const triggersFolder = await mkdtemp(join(tmpdir(), 'triggers-'));
  await writeFile(join(triggersFolder, 'none.yaml'), '');
  const resolveSubscriber = (service: string): string => `http://${service}.invalid`;
  const settings = { triggersFolder, resolveSubscriber, log: pino({ level: 'silent' }) };
  const inProcess = await startInProcessBroker(settings);
  const onRabbitMq = await startAmqpBroker({ ...settings, url });
  const bank = await startBank({ functions: [thingsFunction] });
  const isAccepted = ({ status }: Answer): boolean => status === 202;
  return {
    doors: [
      { name: 'the broker in the process', post: (message) => post(inProcess.url, message), isTaken: isAccepted },
      { name: 'the broker on RabbitMQ', post: (message) => post(onRabbitMq.url, message), isTaken: isAccepted },
      {
        name: 'a function',
        post: (message) => post(`${bank.origin}/things/things/7`, message),
        // It gets as far as the type.
        isTaken: ({ body }) => body.includes('"cloudevent_type_unexpected"'),
      },
    ],
    async close() {
      await Promise.all([inProcess.close(), onRabbitMq.close(), bank.stop()]);
      await rm(triggersFolder, { recursive: true });
    },
  };
}

/** By node:http, which sends the bytes of headers and body as they are. */
function post(url: string, { headers, body }: Message): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const request = http.request(url, { method: 'POST', headers, agent: false }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks).toString() }));
    });
    request.on('error', reject);
    request.end(Buffer.from(body)); // With a text, Node would write the headers in its encoding.
  });
}
