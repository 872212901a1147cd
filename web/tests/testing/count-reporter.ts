// Ends the run with `N passed, N failed`, as the other suites do.
import type { FullResult, Reporter, Suite } from '@playwright/test/reporter';

class CountReporter implements Reporter {
  #suite: Suite | undefined;
  #errors = 0;

  onBegin(_config: unknown, suite: Suite): void {
    this.#suite = suite;
  }

  /** Outside of any test: a file that does not load, a bank that does not start. */
  onError(): void {
    this.#errors += 1;
  }

  onEnd(result: FullResult): void {
    const tests = this.#suite?.allTests() ?? [];
    const passed = tests.filter((test) => test.outcome() === 'expected' || test.outcome() === 'flaky').length;
    const failed = tests.length - passed + this.#errors;
    console.log(`${passed} passed, ${failed || (result.status === 'passed' ? 0 : 1)} failed`);
  }

  printsToStdio(): boolean {
    return false;
  }
}

// Playwright loads reporters by their default export.
export default CountReporter;
