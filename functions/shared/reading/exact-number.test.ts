// How often zeros are looked at: a body full of them must not cost more than one of other digits.
import { expect, test } from 'vitest';
import { isExactly, withoutZeros } from './exact-number.ts';

test.each([
  ['1', '1'],
  ['100', '1'],
  ['00012', '12'],
  ['0012300', '123'],
  ['000', ''],
  ['', ''],
])('%j without its zeros is %j', (digits, rest) => {
  const { start, end } = withoutZeros(digits);
  expect(digits.slice(start, end)).toBe(rest);
});

/** Digits that count how often one of them is looked at. */
function countLooks(digits: string): number {
  let looks = 0;
  withoutZeros({
    length: digits.length,
    charCodeAt: (index) => {
      looks++;
      return digits.charCodeAt(index);
    },
  });
  return looks;
}

const hostile: [what: string, make: (count: number) => string][] = [
  ['zeros before another digit', (count) => `1${'0'.repeat(count)}1`],
  ['zeros alone', (count) => '0'.repeat(count)],
  ['zeros at the end', (count) => `1${'0'.repeat(count)}`],
  ['zeros with other digits between them', (count) => '01'.repeat(count / 2)],
];
test.each(hostile)('%s are looked at once each', (_what, make) => {
  for (const count of [1_000, 2_000, 64_000]) expect(countLooks(make(count))).toBeLessThanOrEqual(count + 2);
});

test('a number with 64,000 zeros is told from its neighbour', () => {
  const one = `1.${'0'.repeat(64_000)}`;
  expect([isExactly(1, one), isExactly(1, `${one}1`)]).toEqual([true, false]);
});
