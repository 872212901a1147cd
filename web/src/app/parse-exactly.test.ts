// What the bank writes is what the page reads, to the last digit.
import { expect, test } from 'vitest';
import { totalSchema } from '../../../functions/shared/contract/money.ts';
import { parseExactly } from './parse-exactly.ts';

// The kind: a number on the wire has more digits than a double. Siblings: below zero, without decimals, at each end and in each kind of list.
test('a total that no double holds keeps its digits', () => {
  const json =
    '{"total_in":90071992547409.93,"sums":[-9007199254740993,1234567890123456.789],"last":90071992547409.93}';
  expect(parseExactly(json)).toEqual({
    total_in: '90071992547409.93',
    sums: ['-9007199254740993', '1234567890123456.789'],
    last: '90071992547409.93',
  });
});

test.each([
  0,
  -0.5,
  9_999_999_999_999.99,
  Number.MAX_SAFE_INTEGER,
  0.1 + 0.2,
  5e-324,
  1.234_567_890_123_456_7e-7,
  1e300,
  'it said 90071992547409.93',
  '"90071992547409.93"',
  '\\',
  '\\"90071992547409.93',
  { '90071992547409.93': null },
  [true, [], {}],
])('%j is read as it was', (value) => {
  expect(parseExactly(JSON.stringify({ value, list: [value] }))).toEqual({ value, list: [value] });
});

test('a total is a number or the text of one', () => {
  for (const sent of [1.5, '90071992547409.93', '-9007199254740993'])
    expect(totalSchema.safeParse(sent).success).toBe(true);
  for (const sent of ['', '1e5', '1.', 'Infinity', ' 1', null, {}])
    expect(totalSchema.safeParse(sent).success).toBe(false);
});
