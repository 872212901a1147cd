// Keeps one connection to RabbitMQ: connects again, with growing pauses, for as long as it is wanted.
import type { Socket } from 'node:net';
import { connect, type ChannelModel } from 'amqplib';
import type { Logger } from 'pino';
import { sleepUntilAborted } from './broker.ts';
import type { AmqpAddress } from './amqp-address.ts';

export type Link = {
  /** Ends the connection, or the attempts to get one. */
  close: () => Promise<void>;
};

export type LinkSettings = {
  address: AmqpAddress;
  /** What the connection is for; RabbitMQ shows it in its list of connections. */
  purpose: string;
  /** Makes a new connection useful. `lost` is aborted when the connection is gone; `giveUp` ends it, so that all begins anew. */
  setUp: (connection: ChannelModel, lost: AbortSignal, giveUp: (reason: string) => void) => Promise<void>;
  /** After `setUp`. */
  onUp: () => void;
  /** The connection is gone, or could not be had. */
  onDown: (reason: string) => void;
  log: Logger;
};

const connectTimeoutMs = 5_000;
const setUpTimeoutMs = 20_000;
const closeTimeoutMs = 2_000;
/** Half of it is enough for RabbitMQ to send one, twice of it for either side to take the other for dead. */
const heartbeatSeconds = 10;
const pauseFirstMs = 100;
const pauseMaxMs = 5_000;
/** A connection that lasted so long was a good one, and the next attempt comes at once. */
const goodAfterMs = 10_000;

/** `amqplib` can reconnect by itself, but misses a connection that ends in the moment its set-up does, and has no limit for the set-up. */
export function keepLink(settings: LinkSettings): Link {
  const closing = new AbortController();
  const running = run(settings, closing.signal);
  return {
    async close() {
      closing.abort();
      await running;
    },
  };
}

async function run({ address, purpose, setUp, onUp, onDown, log }: LinkSettings, closing: AbortSignal): Promise<void> {
  const isClosing = (): boolean => closing.aborted; // It changes while we wait, which a plain read hides from the type checker.
  for (let attempts = 0; !isClosing(); attempts++) {
    const startedAt = performance.now();
    let reason: string;
    try {
      const connection = await connect(address.withHeartbeat(heartbeatSeconds), {
        noDelay: true, // Without it small messages wait for 40 ms.
        timeout: connectTimeoutMs,
        clientProperties: { connection_name: `microbank broker, ${purpose}` },
      });
      joinWrites(connection);
      reason = await live(connection, { setUp, onUp }, closing);
    } catch (error) {
      reason = address.redact(error instanceof Error ? error.message : String(error));
    }
    if (isClosing()) return;
    onDown(reason);
    if (performance.now() - startedAt > goodAfterMs) attempts = 0;
    const pauseMs = pauseOf(attempts);
    log.warn({ rabbitmq: address.host, purpose, reason, pauseMs }, 'no connection to RabbitMQ');
    await sleepUntilAborted(pauseMs, closing);
  }
}

/** Resolves with the reason when the connection is gone. */
async function live(
  connection: ChannelModel,
  { setUp, onUp }: Pick<LinkSettings, 'setUp' | 'onUp'>,
  closing: AbortSignal,
): Promise<string> {
  const lost = new AbortController();
  const gone = new Promise<string>((resolve) => {
    connection.on('error', (error) => resolve(error.message)); // `close` follows.
    connection.on('close', (error?: Error) => resolve(error?.message ?? 'the connection was closed'));
    lost.signal.addEventListener('abort', () => resolve(String(lost.signal.reason)));
    closing.addEventListener('abort', () => resolve('closed by us'), { signal: lost.signal });
  });
  const giveUp = (reason: string): void => lost.abort(reason);
  const timer = setTimeout(() => giveUp(`not ready within ${setUpTimeoutMs} ms`), setUpTimeoutMs);
  try {
    const ended = await Promise.race([setUp(connection, lost.signal, giveUp), gone]);
    clearTimeout(timer);
    if (ended !== undefined) return ended;
    onUp();
    return await gone;
  } finally {
    clearTimeout(timer);
    lost.abort('the connection is gone');
    await end(connection);
  }
}

/** A RabbitMQ that does not answer any more does not take its leave either; then the socket is closed. */
async function end(connection: ChannelModel): Promise<void> {
  const { stream } = connection.connection as unknown as { stream: NodeJS.ReadableStream & { destroy: () => void } };
  const closed = connection.close().then(
    () => undefined,
    () => undefined, // It was closed already.
  );
  await Promise.race([closed, sleepUntilAborted(closeTimeoutMs, AbortSignal.timeout(closeTimeoutMs))]);
  stream.destroy();
}

/** Between half and all of an exponentially growing time, so that many clients do not come back in the same moment. */
function pauseOf(attempts: number): number {
  const ms = Math.min(pauseFirstMs * 2 ** attempts, pauseMaxMs);
  return Math.round(ms * (0.5 + Math.random() / 2));
}

/**
 * amqplib writes each frame by itself, a system call and for RabbitMQ a packet each. Those of one moment go out together, which
 * saves RabbitMQ a third of its work and the broker a fifth.
 */
function joinWrites(connection: ChannelModel): void {
  const { stream } = connection.connection as unknown as { stream: Socket };
  const write = stream.write.bind(stream) as (...args: unknown[]) => boolean;
  stream.write = (...args: unknown[]) => {
    if (stream.writableCorked === 0) {
      stream.cork();
      process.nextTick(() => stream.uncork());
    }
    return write(...args);
  };
}
