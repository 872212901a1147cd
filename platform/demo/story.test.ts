// The demo's story, on every day of a year: believable, affordable, and the same again.
import { expect, test } from 'vitest';
import { tellStory } from './story.ts';
import { ownerOf, type Step } from './steps.ts';

const dayMs = 86_400_000;
const everyDay = Array.from({ length: 366 }, (_, i) => new Date(Date.UTC(2027, 8, 1, 15) + i * dayMs));

function touches(step: Step, account: string): boolean {
  return step.account === account || (step.type === 'transfer' && step.target === account);
}

/** What Alice's checking account holds after each step, counted without the code that chose them. */
function balancesOfAlice(story: readonly Step[]): number[] {
  let balance = 0;
  return story
    .filter((step) => touches(step, 'alice.checking'))
    .map((step) => {
      if (step.type === 'reversal') balance += 45_00;
      else if (step.type === 'closing') throw new Error('she closes another account');
      else if (step.type === 'withdrawal' || (step.type === 'transfer' && step.account === 'alice.checking'))
        balance -= step.amountMinor;
      else balance += step.amountMinor;
      return balance;
    });
}

test('tells the same story for the same seed and today, and another for another seed', () => {
  const today = new Date('2026-11-25T17:00:00Z');
  expect(tellStory({ seed: 7, today })).toEqual(tellStory({ seed: 7, today }));
  expect(tellStory({ seed: 7, today })).not.toEqual(tellStory({ seed: 8, today }));
});

test('lasts 90 days and not a moment longer, in the order of time', () => {
  for (const today of [...everyDay, new Date('2026-03-01T00:00:00Z'), new Date('2026-12-31T23:59:59.999Z')]) {
    const moments = tellStory({ seed: 1, today }).map(({ at }) => at);
    expect(moments).toEqual([...moments].sort((a, b) => a - b));
    expect(moments[0]).toBeLessThan(today.getTime() - 90 * dayMs);
    expect(moments[0]).toBeGreaterThan(today.getTime() - 92 * dayMs);
    expect(moments.at(-1)).toBeLessThan(today.getTime());
    expect(moments.at(-1)).toBeGreaterThan(today.getTime() - 2 * dayMs);
  }
});

test('Alice stays within her overdraft limit, and uses it now and then', () => {
  const lowest = everyDay.map((today) => Math.min(...balancesOfAlice(tellStory({ seed: 1, today }))));
  expect(Math.min(...lowest)).toBeGreaterThanOrEqual(-500_00);
  expect(lowest.filter((balance) => balance < 0).length).toBeGreaterThan(everyDay.length / 2);
});

test('has 150 to 250 transactions of Alice, a reversal and a closing, whatever day it is', () => {
  for (const today of everyDay) {
    const story = tellStory({ seed: 1, today });
    const ofAlice = story.filter((step) => ownerOf(step.account) === 'alice' || touches(step, 'alice.checking'));
    expect(ofAlice.length).toBeGreaterThanOrEqual(150);
    expect(ofAlice.length).toBeLessThanOrEqual(250);
    expect(story.filter(({ type }) => type === 'reversal')).toHaveLength(1);
    expect(story.filter(({ type }) => type === 'closing')).toHaveLength(1);
  }
});

test('names the month that a salary and a rent are for', () => {
  const story = tellStory({ seed: 1, today: new Date('2026-11-25T17:00:00Z') });
  const descriptions = story.flatMap((step) => ('description' in step ? [step.description] : []));
  expect(descriptions).toEqual(expect.arrayContaining(['Salary October', 'Rent November', 'Groceries Green Market']));
  expect(descriptions.filter((text) => text.includes('{'))).toEqual([]);
});
