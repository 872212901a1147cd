// Lines that people read: what cannot be seen is refused by name, and one text has one spelling.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { freeLine, visibleLine } from './plain-text.ts';

const name = visibleLine(100);
const description = freeLine(200);

test.each([
  ['Änne Müller', 'Änne Müller'],
  ['  José ', 'José'],
  ['Jose\u0301', 'José'],
  // Joiners are letters' own in Persian and Hindi; emoji are made with them.
  ['علی\u200cرضا', 'علی\u200cرضا'],
  ['👩\u200d🚀', '👩\u200d🚀'],
  ['❤\ufe0f', '❤\ufe0f'],
  // A form of a letter in a Japanese name, and a flag: both beyond U+FFFF, and seen.
  ['葛\u{e0100}城', '葛\u{e0100}城'],
  [
    '🏴\u{e0067}\u{e0062}\u{e0065}\u{e006e}\u{e0067}\u{e007f}',
    '🏴\u{e0067}\u{e0062}\u{e0065}\u{e006e}\u{e0067}\u{e007f}',
  ],
])('%j is kept as %j', (typed, kept) => {
  expect([name.parse(typed), description.parse(typed)]).toEqual([kept, kept]);
});

// The kind: text that is there and not seen, or seen where it is not. Siblings: each of Unicode's classes of it, in front, inside and behind.
test.each([
  ['a zero-width space', '\u200b', 'U+200B'],
  ['a soft hyphen', '\u00ad', 'U+00AD'],
  ['a byte order mark', '\ufeff', 'U+FEFF'],
  ['a word joiner', '\u2060', 'U+2060'],
  ['an invisible times', '\u2062', 'U+2062'],
  ['a Hangul filler', '\u3164', 'U+3164'],
  ['a combining grapheme joiner', '\u034f', 'U+034F'],
  ['a right-to-left mark', '\u200f', 'U+200F'],
  ['an Arabic letter mark', '\u061c', 'U+061C'],
  ['a right-to-left override', '\u202e', 'U+202E'],
  ['an isolate', '\u2066', 'U+2066'],
  ['a line separator', '\u2028', 'U+2028'],
  ['a paragraph separator', '\u2029', 'U+2029'],
  ['a next line', '\u0085', 'U+0085'],
  ['a line break', '\n', 'U+000A'],
  ['a tab', '\t', 'U+0009'],
  ['a bell', '\u0007', 'U+0007'],
  ['an interlinear annotation', '\ufff9', 'U+FFF9'],
  ['a tag without a flag', '\u{e0061}', 'U+E0061'],
  ['a shorthand control', '\u{1bca0}', 'U+1BCA0'],
  ['a musical control', '\u{1d173}', 'U+1D173'],
])('%s is refused by its number, wherever it is', (_what, character, told) => {
  for (const line of [character, `a${character}b`, `${character}a`, `a${character}`]) {
    for (const schema of [name, description]) {
      const messages = schema.safeParse(line).error?.issues.map(({ message }) => message);
      expect([line, messages]).toEqual([line, [expect.stringContaining(`holds ${told}`)]]);
    }
  }
});

test.each(['', ' ', '\u00a0\u3000', '\u2800', '\u200d', '\ufe0f', ' \u200d', '\u{e0100}'])('%j is no name', (line) => {
  expect(name.safeParse(line).error?.issues).toHaveLength(1);
});

test('letters that grow in NFC are counted as they are kept', () => {
  expect(description.safeParse('\u0958'.repeat(101)).error?.issues[0]?.message).toContain('in NFC');
  expect(description.parse('\u0958'.repeat(100))).toHaveLength(200);
});

test('what is kept is kept as it is when it comes again, and holds nothing that is refused', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 60 }), (line) => {
      const { success, data } = name.safeParse(line);
      if (!success) return;
      expect(name.parse(data)).toBe(data);
      expect(data).toMatch(/\S/);
      expect(data).not.toMatch(/[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]/u);
    }),
    { numRuns: 2_000, seed: 20261130 },
  );
});
