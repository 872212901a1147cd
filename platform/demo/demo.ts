// `npm run demo`: gives the bank that `npm start` runs customers with a history, so that every page has something to show.
import { relative } from 'node:path';
import * as z from 'zod';
import { CannotStart } from '../local/cannot-start.ts';
import { checkout, readSettings } from '../local/settings.ts';
import { CannotBegin } from '../traffic/customers.ts';
import { ReadInstead, readOptions, wholeOption } from '../traffic/read-options.ts';
import { addDemo, type Demo } from './add-demo.ts';
import { findBank } from './find-bank.ts';

const table = {
  seed: { schema: wholeOption({ min: 0, max: 2 ** 31 - 1, preset: 1 }), help: 'another seed, another history' },
  today: {
    schema: z.iso.datetime('has to be a time such as 2026-11-25T12:00:00Z').optional(),
    help: 'where the history ends (now)',
  },
} as const;

process.exitCode = await main();

/** The exit code: 0 when the demo is there, 1 when it could not be made, 2 for a wrong command line. */
async function main(): Promise<number> {
  try {
    const purpose =
      'Adds customers with a history of 90 days to the bank that npm start runs; a second time adds nothing.';
    const { seed, today } = readOptions(process.argv.slice(2), { name: 'demo', purpose, table });
    const bank = await findBank(readSettings(process.env));
    const say = (line: string): void => console.log(`  ${line}`);
    console.log(`demo: ${bank.address}`);
    show(await addDemo({ bank, seed, today: today === undefined ? new Date() : new Date(today), say }));
    return 0;
  } catch (error) {
    if (error instanceof ReadInstead) {
      (error.exitCode === 0 ? console.log : console.error)(error.message);
      return error.exitCode;
    }
    const isReaders = error instanceof CannotStart || error instanceof CannotBegin;
    console.error(isReaders ? `demo: ${error.message}` : error);
    return 1;
  }
}

function show({ customers, file, isNew }: Demo): void {
  const shortest = relative(checkout, file).startsWith('..') ? file : relative(checkout, file);
  if (!isNew) return console.log(`The demo was there already, nothing was added. Emails and passwords: ${shortest}`);
  console.log(`Sign in with one of these (shown only this once, kept in ${shortest}):`);
  for (const { email, password } of Object.values(customers)) console.log(`  ${email.padEnd(32)} ${password}`);
}
