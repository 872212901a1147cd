// One bank for the whole run, with the demo's customers in it. Where it is, tests read from the environment.
import { startOwnBank } from '../../../platform/bench/own-bank.ts';
import { addDemo } from '../../../platform/demo/add-demo.ts';
import { findBank } from '../../../platform/demo/find-bank.ts';

/** Any day and any number make a history; these make the same one each time. */
const demo = { seed: 1, today: new Date() };

export default async function startBank(): Promise<() => Promise<void>> {
  const bank = await startOwnBank();
  try {
    const found = await findBank({ dataFolder: bank.folder, databaseUrl: undefined });
    const { customers } = await addDemo({ bank: found, ...demo, say: (line) => console.log(`  ${line}`) });
    process.env['TESTED_BANK'] = JSON.stringify({ ...bank, customers });
  } catch (error) {
    await bank.stop();
    throw error;
  }
  return bank.stop;
}
