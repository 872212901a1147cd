// Header values as the CloudEvents HTTP binding 1.0.2 has them, in either direction: 3.1.3.2.
import { expect, test } from 'vitest';
import { decodeHeaderValue, encodeHeaderValue } from './header-value.ts';
import { InvalidEvent } from './invalid-event.ts';

/** As Node gives the bytes of a header. */
const bytes = (text: string): string => Buffer.from(text).toString('latin1');

test.each([
  ['accounts/7', 'accounts/7'],
  ['Zürich €', 'Z%C3%BCrich%20%E2%82%AC'],
  ['Euro € 😀', 'Euro%20%E2%82%AC%20%F0%9F%98%80'],
  ['100%', '100%25'],
  ['%41', '%2541'],
  ['say "hi"', 'say%20%22hi%22'],
])('%j travels in a header as %s', (text, header) => {
  expect(encodeHeaderValue(text)).toBe(header);
  expect(decodeHeaderValue('ce-id', header)).toBe(text);
});

test.each([
  ['in double quotes', '"q 1"', 'q 1'],
  ['in double quotes, with backslashes', '"say \\"hi\\" \\\\ \\x"', 'say "hi" \\ x'],
  ['in double quotes and percent-encoded', '"q%201"', 'q 1'],
  ['encoded without need', '%61%2f%2F', 'a//'],
  ['with a space and a quote that nobody encoded', 'a "b" c', 'a "b" c'],
  ['in UTF-8 that nobody encoded', bytes('Zürich €'), 'Zürich €'],
  ['half encoded', `${bytes('ü')}%C3%BC`, 'üü'],
  ['twice encoded: once only', '%2541', '%41'],
])('reads a value %s', (_how, header, text) => {
  expect(decodeHeaderValue('ce-id', header)).toBe(text);
});

test.each([
  ['a byte that is no UTF-8', '%FF'],
  ['another one, which would be the same character', '%FE'],
  ['a space in two bytes', '%C0%A0'],
  ['half a surrogate pair', '%ED%A0%80'],
  ['a character that breaks off', '%E2%82'],
  ['a byte beyond ASCII that is no UTF-8', '\u00fc'],
  ['a percent sign before something else', '100%'],
  ['a percent sign before one digit', '%4'],
  ['a percent sign before letters', '%zz'],
  ['a quote that does not end', '"q 1'],
  ['a quote that ends too soon', '"q" 1'],
  ['nothing but a quote', '"'],
  ['a quote that ends in a backslash', '"q\\"'],
])('refuses %s, by the name of the header', (_what, header) => {
  const decode = () => decodeHeaderValue('ce-id', header);
  expect(decode).toThrow(InvalidEvent);
  expect(decode).toThrow('ce-id');
});
