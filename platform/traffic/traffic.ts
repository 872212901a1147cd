// `npm run traffic`: puts traffic on a running bank and checks its books afterwards. The mix of requests: operations.ts.
import { createBankApi, type BankApi } from './bank-api.ts';
import { checkBooks } from './check-books.ts';
import { assembleCast, CannotBegin } from './customers.ts';
import { createMix } from './operations.ts';
import { readTrafficOptions, type TrafficOptions } from './options.ts';
import { ReadInstead } from './read-options.ts';
import { runTraffic } from './run-traffic.ts';
import { summarize } from './summary.ts';
import { createTally, type Tally } from './tally.ts';

process.exit(await main());

/** The exit code: 0 when the books balance, 1 when they do not or the bank cannot be reached, 2 for a wrong command line. */
async function main(): Promise<number> {
  try {
    const options = readTrafficOptions(process.argv.slice(2), process.env);
    const tally = createTally();
    const api = createBankApi(options.url, () => tally.totals.retried++);
    return await traffic(options, api, tally);
  } catch (error) {
    if (error instanceof ReadInstead) {
      (error.exitCode === 0 ? console.log : console.error)(error.message);
      return error.exitCode;
    }
    console.error(error instanceof CannotBegin ? `traffic: ${error.message}` : error);
    return 1;
  }
}

async function traffic(options: TrafficOptions, api: BankApi, tally: Tally): Promise<number> {
  const { rate, seconds, users } = options;
  console.log(`registering ${users} customers with ${users * 2} accounts at ${options.url}`);
  const cast = await assembleCast(api, options);

  console.log(`${rate} requests per second for ${seconds} s (Ctrl-C: end early)`);
  const mix = createMix(cast);
  const screen = createScreen();
  const started = performance.now();
  const booked = await runTraffic({ api, mix, tally, rate, seconds, signal: listenForCtrlC(), progress: screen.show });
  screen.end();
  console.log(`\n${summarize(tally, (performance.now() - started) / 1_000)}\n`);

  console.log('checking the books …');
  const differences = await checkBooks(api, cast, booked);
  if (differences.length === 0) {
    console.log(`books: balanced (${cast.accounts.length} accounts, ${booked.length} transactions confirmed)`);
    return 0;
  }
  for (const line of differences) console.error(`books: ${line}`);
  return 1;
}

/** On a terminal one line that is written anew each second, elsewhere a line for each. */
function createScreen(): { show: (line: string) => void; end: () => void } {
  const { stdout } = process;
  if (!stdout.isTTY) return { show: (line) => console.log(line), end: () => undefined };
  return {
    show: (line) => stdout.write(`\r${line.slice(0, stdout.columns - 1)}\x1b[K`),
    end: () => stdout.write('\n'),
  };
}

/** Aborted by the first Ctrl-C, which reaches us up to three times (terminal, npm, bootstrap.mjs); a later one ends at once. */
function listenForCtrlC(): AbortSignal {
  const controller = new AbortController();
  let since = 0;
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      if (controller.signal.aborted && performance.now() - since > 500) process.exit(130);
      if (!controller.signal.aborted) since = performance.now();
      controller.abort();
    });
  }
  return controller.signal;
}
