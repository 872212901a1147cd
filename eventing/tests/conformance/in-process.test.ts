// The conformance suite against the in-process broker.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { startInProcessBroker } from '../../broker/in-process.ts';
import { testConformance } from './conformance.ts';

testConformance({
  kind: 'in-process',
  broker: 'bank',
  namespace: 'microbank',
  subscribers: { listenOn: '127.0.0.1', host: '127.0.0.1', port: 0 },
  patienceMs: 10_000,
  quietMs: 100,
  async open(triggers) {
    const triggersFolder = await mkdtemp(join(tmpdir(), 'conformance-'));
    await writeFile(join(triggersFolder, 'triggers.yaml'), triggers);
    const broker = await startInProcessBroker({
      triggersFolder,
      resolveSubscriber: (name) => `http://${name}.invalid`,
      log: pino({ level: 'silent' }),
    });
    await rm(triggersFolder, { recursive: true });
    return broker;
  },
});
