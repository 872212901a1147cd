// For tests that break the bank: one of their own, which can be started again at the same address on the same data.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../../../eventing/tests/faults/testing/free-port.ts';
import { startOwnBank, type OwnBank } from '../../../platform/bench/own-bank.ts';
import { test as base } from './bank.ts';

export { expect } from './bank.ts';

type Startable = { bank: OwnBank; again: () => Promise<OwnBank> };

export const test = base.extend<{ own: Startable }>({
  own: async ({}, use) => {
    const folder = await mkdtemp(join(tmpdir(), 'microbank-web-'));
    // Below the ports that outgoing connections take: one of those could sit on PostgreSQL's while it is away.
    const ports = { PORT: String(await freePort()), MICROBANK_POSTGRES_PORT: String(await freePort()) };
    const environment = { MICROBANK_DATA: folder, ...ports };
    const started: OwnBank[] = [];
    const again = async (): Promise<OwnBank> => {
      const bank = await startOwnBank([], environment);
      started.push(bank);
      return bank;
    };
    await use({ bank: await again(), again });
    for (const bank of started) await bank.stop();
    await rm(folder, { recursive: true, force: true });
  },

  bank: async ({ bank, own }, use) => use({ ...own.bank, customers: bank.customers }),
});
