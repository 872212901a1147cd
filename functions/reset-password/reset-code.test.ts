// Codes to be read out.
import { expect, test } from 'vitest';
import { makeCode, plainCode } from './reset-code.ts';

test('has three groups of four, of letters and digits that nobody takes for others', () => {
  for (let i = 0; i < 200; i++) expect(makeCode()).toMatch(/^[0-9A-HJKMNP-TV-Z]{4}(-[0-9A-HJKMNP-TV-Z]{4}){2}$/);
  expect(makeCode(() => 31)).toBe('ZZZZ-ZZZZ-ZZZZ');
});

test('is another one each time', () => {
  expect(new Set(Array.from({ length: 500 }, () => makeCode())).size).toBe(500);
});

test.each(['K7QX-01RD-9TBN', 'k7qx01rd9tbn', ' K7QX 01RD 9TBN ', 'k7qx-oird-9tbn', 'K7QXOLRD9TBN'])(
  'reads %j',
  (typed) => {
    expect(plainCode(typed)).toBe('K7QX01RD9TBN');
  },
);
