// The bank under 200 random schedules, each with its own faults; and that a seed always gives the same schedule.
import { afterAll, expect, test } from 'vitest';
import { givenDatabases } from '../../../functions/shared/testing/postgres.ts';
import { openDatabases } from './databases.ts';
import { loadParts, simulate, type Outcome } from './simulate.ts';

const seedsPerTest = 50;
const parts = await loadParts();
const databases = await openDatabases(await givenDatabases());
afterAll(() => databases.close());

test.each([1, 51, 101, 151])(
  'from seed %i on, each event of 50 schedules has its effect once, and the books balance',
  async (from) => {
    for (let seed = from; seed < from + seedsPerTest; seed++) expectSound(await simulate(seed, databases, parts));
  },
  120_000,
);

test('a seed gives the same schedule again, to the last line of its trace', async () => {
  for (const seed of [7, 23, 42]) {
    const first = await simulate(seed, databases, parts);
    // As PostgreSQL does by itself now and then; its plans, and the order of rows, may change with it.
    for (const { admin } of [databases.ledger, databases.notifications]) await admin.query('ANALYZE');
    const second = await simulate(seed, databases, parts);
    expect(first.trace.length).toBeGreaterThan(50);
    expect(second.trace).toEqual(first.trace);
  }
}, 60_000);

function expectSound({ seed, violations, trace }: Outcome): void {
  if (violations.length === 0) return;
  console.error(trace.join('\n'));
  expect.fail(`seed ${seed}: ${violations.join('; ')} (again: npm run simulate -- --seed ${seed})`);
}
