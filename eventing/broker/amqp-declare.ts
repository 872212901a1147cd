// Declares the table of amqp-topology.ts in RabbitMQ; doing it again is fine. What an earlier table bound and this one does not is unbound.
import type { Channel, ChannelModel, GetMessage } from 'amqplib';
import type { Logger } from 'pino';
import { bindingFilter, deadOf, exchangeOf, queueOf, type Topology } from './amqp-topology.ts';
import type { Trigger } from './trigger.ts';

/** Rejects when RabbitMQ refuses something, or the connection is lost. */
export async function declareTopology(connection: ChannelModel, topology: Topology, log: Logger): Promise<void> {
  await withChannel(connection, async (channel) => {
    for (const { name, type } of topology.exchanges) await channel.assertExchange(name, type, { durable: true });
  });
  for (const { name, options } of topology.queues) {
    try {
      // On a channel of its own, since a refusal ends the channel.
      await withChannel(connection, (channel) => channel.assertQueue(name, options));
    } catch (error) {
      if (codeOf(error) !== 406) throw error;
      // A queue's arguments can't be changed, and it may hold events: it is used as it is.
      log.warn({ queue: name, err: error }, 'queue exists with other arguments and is used as it is');
      await withChannel(connection, (channel) => channel.checkQueue(name));
    }
  }
  await withChannel(connection, async (channel) => {
    for (const { exchange, queue, filter } of topology.bindings) await channel.bindQueue(queue, exchange, '', filter);
  });
}

type Filters = Record<string, Readonly<Record<string, string>>>;

/**
 * Unbinds the filters that were bound by an earlier start and are no trigger's any more, and the queues of triggers that are gone.
 * RabbitMQ can't be asked for its bindings over AMQP, so they are noted in a queue. A queue that still holds events is kept.
 */
export async function unbindStale(
  connection: ChannelModel,
  broker: string,
  triggers: readonly Trigger[],
  { notes }: Topology,
  log: Logger,
): Promise<void> {
  const wanted: Filters = Object.fromEntries(triggers.map(({ name, filter }) => [name, filter]));
  const channel = await connection.createConfirmChannel();
  channel.on('error', () => undefined); // Whoever waits for an answer on it gets the error as well.
  await channel.assertQueue(notes.name, notes.options);
  const note = await channel.get(notes.name);
  const noted = note === false ? {} : readNote(note);
  const next: Filters = { ...wanted };

  for (const [name, filter] of Object.entries(noted)) {
    if (isSame(wanted[name], filter)) continue;
    await channel.unbindQueue(queueOf(broker, name), exchangeOf(broker), '', bindingFilter(filter));
    log.info({ trigger: name, filter }, 'filter that is no trigger’s any more is unbound');
    // Noted for as long as there is something left, so that each start looks again.
    if (wanted[name] === undefined && !(await removeEmpty(connection, broker, name, log))) next[name] = filter;
  }
  if (note === false || !isSame(noted, next)) {
    channel.sendToQueue(notes.name, Buffer.from(JSON.stringify(next)), { persistent: true });
    await channel.waitForConfirms();
    if (note !== false) channel.ack(note);
  } else {
    channel.nack(note);
  }
  await channel.close();
}

/** True when nothing is left of the trigger. */
async function removeEmpty(connection: ChannelModel, broker: string, trigger: string, log: Logger): Promise<boolean> {
  let left = false;
  for (const queue of [queueOf(broker, trigger), deadOf(broker, trigger)]) {
    const found = await withChannel(connection, (channel) => channel.checkQueue(queue)).catch((error: unknown) => {
      if (codeOf(error) === 404) return undefined;
      throw error;
    });
    if (found === undefined) continue;
    if (found.messageCount === 0 && found.consumerCount === 0) {
      await withChannel(connection, (channel) => channel.deleteQueue(queue));
    } else {
      left = true;
      log.warn({ trigger, queue, events: found.messageCount }, 'trigger is gone, but its queue still holds events');
    }
  }
  if (!left) await withChannel(connection, (channel) => channel.deleteExchange(deadOf(broker, trigger)));
  return !left;
}

async function withChannel<T>(connection: ChannelModel, use: (channel: Channel) => Promise<T>): Promise<T> {
  const channel = await connection.createChannel();
  channel.on('error', () => undefined); // The operation that caused it rejects with the same error.
  const result = await use(channel);
  await channel.close();
  return result;
}

function readNote({ content }: GetMessage): Filters {
  try {
    return JSON.parse(content.toString()) as Filters;
  } catch {
    return {}; // Not ours; the next note replaces it.
  }
}

function isSame(one: object | undefined, other: object): boolean {
  return one !== undefined && canonical(one) === canonical(other);
}

function canonical(value: object): string {
  return JSON.stringify(value, (_key, part: unknown) =>
    typeof part === 'object' && part !== null
      ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  );
}

/** AMQP's reply code: 404 there is no such thing, 406 there is, but with other arguments. */
function codeOf(error: unknown): number | undefined {
  return error instanceof Error ? (error as Error & { code?: number }).code : undefined;
}
