// Random sequences of everything that can be asked of the ledger, over HTTP, against a model that has no database.
import fc from 'fast-check';
import { beforeAll, test } from 'vitest';
import { givenLedgerBank } from './testing/bank.ts';
import { expectSoundBooks } from './testing/books.ts';
import { live, type People } from './testing/life.ts';
import { anyStep, type Step } from './testing/steps.ts';

/** More for a longer search: PROPERTY_RUNS=1000. A failure prints the seed, the path and the shortest sequence found. */
const runs = Number(process.env['PROPERTY_RUNS'] ?? 30);
const timeoutMs = 60_000 + runs * 2_000;

let people: People;
beforeAll(async () => {
  const here = await givenLedgerBank();
  const userIds = [await here.givenUser(), await here.givenUser()];
  const tokens = new Map([[900_000, here.teller]]);
  for (const userId of userIds) tokens.set(userId, await here.bank.tokenFor({ userId }));
  people = { here, userIds, tokens };
});

async function check(groups: fc.Arbitrary<Step[][]>, numRuns: number): Promise<void> {
  // On a slow machine fewer runs have to do; a failure's search for a shorter sequence ends in time to print what was found.
  const limits = { numRuns, interruptAfterTimeLimit: timeoutMs - 20_000 };
  await fc.assert(
    fc.asyncProperty(groups, (drawn) => live(people, drawn)),
    limits,
  );
  await expectSoundBooks(people.here.admin);
}

test(
  'whatever is asked in whatever order, the bank answers and books as the model does',
  { timeout: timeoutMs },
  async () => {
    // 40 in the mean.
    const steps = fc.array(anyStep, { minLength: 1, maxLength: 80, size: 'max' });
    await check(
      steps.map((drawn) => drawn.map((step) => [step])),
      runs,
    );
  },
);

test('whatever is asked at once ends as if it had been asked in some order', { timeout: timeoutMs }, async () => {
  const group = fc.array(anyStep, { minLength: 2, maxLength: 6, size: 'max' });
  await check(fc.array(group, { minLength: 1, maxLength: 20, size: 'max' }), Math.ceil(runs / 2));
});
