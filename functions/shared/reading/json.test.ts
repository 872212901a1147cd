// What becomes of a body's bytes.
import { expect, test } from 'vitest';
import { Refusal } from '../contract/errors.ts';
import { parseJson } from './json.ts';

const parse = (text: string) => parseJson(Buffer.from(text));

test.each([
  '0',
  '1',
  '-1',
  '1.50',
  '0.1',
  '1e3',
  '1E+3',
  '12.5e-2',
  '123456789012345',
  '9007199254740991',
  '0.30',
  '1e21',
])('%s stays the number it is', (text) => {
  expect(parse(`{"n":${text}}`)).toEqual({ n: Number(text) });
});

test.each([
  '1e400',
  '-1e400',
  '-0',
  '-0.0',
  '1e-400',
  '10000000000000.001',
  '9007199254740993',
  '0.1000000000000000055',
  '1'.repeat(400),
])('%s would lose digits: it keeps them as what no schema takes', (text) => {
  const [kept] = parse(`[${text}]`) as [unknown];
  expect(typeof kept).toBe('object');
  expect(JSON.stringify(kept)).toBe(`"${text}"`);
});

test.each([
  ['NaN', 'not valid JSON'],
  ['{"a":1', 'not valid JSON'],
  ['{"a":01}', 'not valid JSON'],
  ["{'a':1}", 'not valid JSON'],
  ['\ufeff{}', 'not valid JSON'],
  ['{"a":"\n"}', 'not valid JSON'],
  ['['.repeat(60_000), 'deeper than 32'],
  [`${'{"a":'.repeat(33)}1${'}'.repeat(33)}`, 'deeper than 32'],
  ['{"a":1,"a":1}', 'a field more than once'],
  ['{"a":1,"\\u0061":2}', 'a field more than once'],
  ['[{"b":{"__proto__":1,"__proto__":1}}]', 'a field more than once'],
])('%.20s is malformed', (text, why) => {
  expect(() => parse(text)).toThrow(why);
});

test('bytes that are no UTF-8 are malformed', () => {
  expect(() => parseJson(Buffer.from([0x22, 0xc3, 0x28, 0x22]))).toThrow('UTF-8');
});

test('fields of one name in different objects are different fields', () => {
  const text = '{"a":{"a":[{"a":"a:b"},{"a":1e400}]},"__proto__":{"a":":"}}';
  expect(JSON.stringify(parse(text))).toBe(text.replace('1e400', '"1e400"'));
});

test('brackets inside text count for nothing', () => {
  const text = `\\"${'['.repeat(100)}`;
  expect(parse(`["${text}"]`)).toEqual([`"${'['.repeat(100)}`]);
});

test('names the fields whose text cannot be stored', () => {
  const text = String.raw`{"name":"a\u0000b","more":[{"a/b":"\ud800"}],"fine":"\ud83d\ude00 \\u0000"}`;
  const refusal = catching(() => parse(text));
  expect(refusal.errors.map(({ pointer }) => pointer)).toEqual(['/name', '/more/0/a~1b']);
});

test('names no more fields than a refusal tells, and looks at no more', () => {
  const refusal = catching(() => parse(`[${String.raw`"\u0000",`.repeat(7_000)}1]`));
  expect(refusal.errors).toHaveLength(50);
});

test('a field called __proto__ is a field like any other', () => {
  const value = parse('{"__proto__":{"isTeller":true}}') as object;
  expect(Object.keys(value)).toEqual(['__proto__']);
  expect('isTeller' in value).toBe(false);
});

function catching(work: () => unknown): Refusal {
  try {
    work();
  } catch (error) {
    if (error instanceof Refusal) return error;
    throw error;
  }
  throw new Error('nothing was refused');
}
