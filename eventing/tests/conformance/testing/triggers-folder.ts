// The suite's triggers as a folder, for brokers that read one when they start.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import type { BrokerSettings } from '../../../broker/broker.ts';
import type { BrokerToTest } from '../suite.ts';

/** Where a broker in this process finds everything, and how patient the cases are with it. */
export const inThisProcess: Omit<BrokerToTest, 'kind' | 'open'> = {
  broker: 'bank',
  namespace: 'microbank',
  subscribers: { listenOn: '127.0.0.1', host: '127.0.0.1', port: 0 },
  patienceMs: 10_000,
  quietMs: 200,
};

/** Starts a broker with the triggers; it has read them by the time `start` resolves. */
export async function withTriggers<T>(triggers: string, start: (settings: BrokerSettings) => Promise<T>): Promise<T> {
  const triggersFolder = await mkdtemp(join(tmpdir(), 'conformance-'));
  try {
    await writeFile(join(triggersFolder, 'triggers.yaml'), triggers);
    return await start({
      triggersFolder,
      // The suite's subscribers have addresses of their own.
      resolveSubscriber: (name) => `http://${name}.invalid`,
      log: pino({ level: 'silent' }),
    });
  } finally {
    await rm(triggersFolder, { recursive: true });
  }
}
