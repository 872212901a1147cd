// What is left of a person's name for a stranger, as a table.
import { expect, test } from 'vitest';
import { shortenName } from './shorten-name.ts';

test.each([
  ['Alice Johnson', 'Alice J.'],
  ['Alice', 'Alice'],
  ['Ana María de la Cruz', 'Ana C.'],
  ['Jean-Luc  Picard', 'Jean-Luc P.'],
  [' Alice\u00a0Johnson ', 'Alice J.'],
  ['Élodie E\u0301tienne', 'Élodie E\u0301.'],
  ['Wei \u{20BB7}田', 'Wei \u{20BB7}.'],
  ['李小龙', '李小龙'],
  ['alice johnson', 'alice j.'],
  ['Bob (Builder)', 'Bob B.'],
  ['Bob 2', 'Bob'],
])('%s is shown as %s', (name, shown) => {
  expect(shortenName(name)).toBe(shown);
});
