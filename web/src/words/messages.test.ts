// Every language says everything that English says, in its own words, and leaves out nothing that it is told.
import { expect, test } from 'vitest';
import { de } from './de.ts';
import { en } from './en.ts';

/** Words that both languages write alike. */
const sameWords = ['Details', 'System', 'Live', 'Euro', 'Name', 'Median', '95 %', 'Passkeys'];
/** What numbers and texts that are told look like here: no language has them in its own words. */
const told = [701, 702, 703];

/** Path and text of each message; a function's text is what it says of `given`. */
function textsOf(messages: unknown, given: readonly number[], path = ''): [path: string, text: string][] {
  if (typeof messages === 'string') return [[path, messages]];
  if (typeof messages === 'function') return [[path, String((messages as (...args: unknown[]) => unknown)(...given))]];
  return Object.entries(messages as object).flatMap(([name, part]) => textsOf(part, given, `${path}.${name}`));
}

const english = textsOf(en, told);
const german = new Map(textsOf(de, told));

test('German has a text of its own for everything, but for the words that are the same', () => {
  const untranslated = english.filter(([path, text]) => german.get(path) === text && !sameWords.includes(text));
  expect(untranslated).toEqual([]);
  expect(new Set(german.keys())).toEqual(new Set(english.map(([path]) => path)));
});

test('every word that is listed as the same is one', () => {
  const same = english.filter(([path, text]) => german.get(path) === text).map(([, text]) => text);
  expect(new Set(same)).toEqual(new Set(sameWords));
});

test('German repeats every name, number and amount that English repeats', () => {
  const repeated = (text: string | undefined): string => (text?.match(/70[123]/g) ?? []).sort().join();
  expect(english.filter(([path, text]) => repeated(german.get(path)) !== repeated(text))).toEqual([]);
  expect(english.filter(([, text]) => repeated(text) !== '').length).toBeGreaterThan(20);
});

test.each([
  ['English', en],
  ['German', de],
] as const)('%s counts one and many in words that differ, and knows none', (_, { account, nav, sessionEnding }) => {
  expect(account.count(1)).not.toBe(account.count(2).replace('2', '1'));
  expect(sessionEnding.text(1)).not.toBe(sessionEnding.text(2).replace('2', '1'));
  expect(nav.unread(0)).not.toContain('0');
  expect(nav.unread(1000)).toContain('1000+');
});

test.each([
  ['English', english],
  ['German', [...german]],
])('%s is typeset: no straight quotes, no three dots, no spaces at the ends', (_, texts) => {
  expect(texts.filter(([, text]) => /["']|\.\.\.|^\s|\s$|\S…|^$/.test(text))).toEqual([]);
});
