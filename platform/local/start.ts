// `npm start`: runs the whole bank until Ctrl-C. What it does, in order: bank.ts.
import { flushCompileCache } from 'node:module';
import { relative } from 'node:path';
import { startBank, type Bank } from './bank.ts';
import { CannotStart } from './cannot-start.ts';
import { checkout, readSettings } from './settings.ts';
import { countSteps, type Steps } from './steps.ts';
import { listenForStop } from './stop-signals.ts';

const say = (line: string): void => console.log(`  ${line}`);

// Logs, locks and caches too: whatever this process and PostgreSQL write is for their owner alone.
process.umask(0o077);
process.exit(await main());

/** The exit code: 0 after Ctrl-C or SIGTERM, 1 when the bank could not start or go on. */
async function main(): Promise<number> {
  const undo = new AsyncDisposableStack();
  const stop = listenForStop();
  let code = 0;
  try {
    const settings = readSettings(process.env, process.argv.slice(2));
    stop.alsoWhenGone(settings.startedBy);
    console.log('microbank');
    const steps = countSteps(console.log, stop.signal);
    const bank = await startBank(settings, { steps, undo, say, onLost: stop.because });
    flushCompileCache(); // Now, since a killed process writes none, and before anybody waits for an answer.
    welcome(bank, steps);
    await stop.requested;
  } catch (error) {
    if (!stop.signal.aborted) code = explain(error);
  }
  if (stop.signal.aborted) console.log('\nStopping … (Ctrl-C again: at once)');
  if (stop.cause()) code = explain(stop.cause());
  await undo.disposeAsync().catch((error: unknown) => (code = explain(error)));
  return code;
}

function welcome({ address, pages, teller, prometheus }: Bank, steps: Steps): void {
  console.log(`\nReady in ${steps.total()}: ${pages} (API: ${address}/api)`);
  console.log(`Sign in as teller with the email and password in ${shortest(teller.file)}, or register as a customer`);
  if (teller.isNew) console.log(`  teller ${teller.email}, password ${teller.password} (shown only this once)`);
  if (prometheus !== undefined) console.log(`Metrics and alerts: ${prometheus}, shown on the operations page`);
  console.log('Customers with a history to look at: npm run demo');
  console.log('Stop: Ctrl-C');
}

function shortest(file: string): string {
  const fromCheckout = relative(checkout, file);
  return fromCheckout.startsWith('..') ? file : fromCheckout;
}

/** One line for what the reader can put right, everything for what we did not foresee. */
function explain(error: unknown): number {
  console.error(error instanceof CannotStart ? `microbank: ${error.message}` : error);
  return 1;
}
