// Ends the run with `Failed: TEST: ERROR` for each failure and `N passed, N failed`, as the other suites do.
import { stripVTControlCharacters } from 'node:util';
import type { FullResult, Reporter, Suite, TestError } from '@playwright/test/reporter';

class CountReporter implements Reporter {
  #suite: Suite | undefined;
  #errors: TestError[] = [];

  onBegin(_config: unknown, suite: Suite): void {
    this.#suite = suite;
  }

  /** Outside of any test: a file that does not load, a bank that does not start. */
  onError(error: TestError): void {
    this.#errors.push(error);
  }

  onEnd(result: FullResult): void {
    const tests = this.#suite?.allTests() ?? [];
    const failed = tests.filter((test) => test.outcome() !== 'expected' && test.outcome() !== 'flaky');
    const failures = [
      ...failed.map((test) => failure(test.titlePath().filter(Boolean).join(' › '), test.results.at(-1)?.error)),
      ...this.#errors.map((error) => failure('outside tests', error)),
    ];
    if (failures.length === 0 && result.status !== 'passed') failures.push(failure(`the run ${result.status}`));
    for (const line of failures) console.log(line);
    console.log(`${tests.length - failed.length} passed, ${failures.length} failed`);
  }

  printsToStdio(): boolean {
    return false;
  }
}

function failure(what: string, error?: TestError): string {
  return `Failed: ${what}: ${stripVTControlCharacters(error?.message ?? 'did not run').split('\n', 1)[0]}`;
}

// Playwright loads reporters by their default export.
export default CountReporter;
