// The style of a CSV file by where its reader is.
import { expect, test } from 'vitest';
import { csvStyleOf } from './csv-style.ts';

test.each([
  ['en', 'comma-point'],
  ['en-US', 'comma-point'],
  ['en-GB', 'comma-point'],
  ['de', 'semicolon-comma'],
  ['de-DE', 'semicolon-comma'],
  ['de-AT', 'semicolon-comma'],
  ['de-CH', 'semicolon-point'],
  ['de-LI', 'semicolon-point'],
  ['en-ZA', 'semicolon-comma'],
] as const)('%s reads %s', (locale, style) => {
  expect(csvStyleOf(locale)).toBe(style);
});
