// What every case works with: a broker, the subscribers behind it, and a way to wait for what has to come.
import { setTimeout as sleep } from 'node:timers/promises';
import { type BrokerKind, differences } from './differences.ts';
import { type EventToSend, toBinary, toStructured } from './event-to-send.ts';
import { type Delivered, serveSubscribers, type SubscriberPlace, type Subscribers } from './subscribers.ts';
import { typeOf, writeTriggers } from './triggers.ts';

export type BrokerToTest = {
  kind: BrokerKind;
  /** The `spec.broker` and `metadata.namespace` of the triggers. */
  broker: string;
  namespace: string;
  subscribers: SubscriberPlace;
  /** How long something that has to come may take. */
  patienceMs: number;
  /** What has not come by then does not come any more. */
  quietMs: number;
  /** Resolves when the triggers are in force; `close` takes them away again. */
  open: (triggers: string) => Promise<{ url: string; close: () => Promise<void> }>;
};

/** A sentence about what senders and subscribers see, and the check of it. */
export type Case = readonly [name: string, run: (suite: Suite) => Promise<void>];

export type Suite = Pick<Subscribers, 'whenDelivered' | 'deliveries' | 'ids' | 'nowhere'> & {
  url: string;
  addressOf: Subscribers['addressOf'];
  /** How this broker behaves where brokers differ. */
  behaviour: <T extends keyof typeof differences>(topic: T) => (typeof differences)[T][BrokerKind];
  /** A valid event of one of the suite's types, with an id of its own. */
  event: (type: string, changes?: Partial<EventToSend>) => EventToSend & { attributes: { id: string } };
  /** Resolves with the status. A broker may answer only after it has delivered, so a case need not wait for this. */
  send: (event: EventToSend, mode?: 'binary' | 'structured') => Promise<number>;
  /** Resolves with what came for the event at the path, once there are so many; fails the case when they do not come. */
  arrived: (path: string, id: string, count?: number) => Promise<Delivered[]>;
  /** Waits until whatever else was going to come has come. */
  quiet: () => Promise<void>;
  close: () => Promise<void>;
};

export async function openSuite(under: BrokerToTest): Promise<Suite> {
  const run = crypto.randomUUID().slice(0, 8);
  const subscribers = await serveSubscribers(under.subscribers);
  const { url, close } = await under
    .open(writeTriggers(run, subscribers, under.broker, under.namespace))
    .catch(async (error: unknown) => {
      await subscribers.close();
      throw error;
    });

  return {
    ...subscribers,
    url,
    behaviour: (topic) => differences[topic][under.kind] as (typeof differences)[typeof topic][BrokerKind],
    event(type, changes = {}) {
      const id = crypto.randomUUID();
      const attributes = {
        specversion: '1.0',
        id,
        source: '/conformance',
        type: typeOf(run, type),
        ...changes.attributes,
      };
      return { ...changes, attributes };
    },
    async send(event, mode = 'binary') {
      const { headers, body } = mode === 'binary' ? toBinary(event) : toStructured(event);
      const answer = await fetch(url, { method: 'POST', headers, body: new Uint8Array(body) });
      await answer.arrayBuffer();
      return answer.status;
    },
    async arrived(path, id, count = 1) {
      const deadline = performance.now() + under.patienceMs;
      for (;;) {
        const come = subscribers.deliveries(path, id);
        if (come.length >= count) return come;
        if (performance.now() > deadline)
          throw new Error(`${path} got the event ${come.length} times in ${under.patienceMs} ms, not ${count} times`);
        await sleep(5);
      }
    },
    quiet: () => sleep(under.quietMs),
    async close() {
      await close();
      await subscribers.close();
    },
  };
}
