// Codes that a teller reads out: short enough to say, long enough that nobody guesses one in five tries.
import { randomInt } from 'node:crypto';

/** Crockford's base 32: no I, L, O, U, so that nothing is misheard or misread for something else. */
const letters = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
/** 60 bits. */
const length = 12;

/** In groups, as people say them: `K7QX-M2RD-9TBN`. */
export function makeCode(random: (below: number) => number = randomInt): string {
  const code = Array.from({ length }, () => letters[random(letters.length)]).join('');
  return code.replace(/(.{4})(?=.)/g, '$1-');
}

/** As makeCode meant it, however it was typed. */
export function plainCode(typed: string): string {
  return typed.toUpperCase().replace(/[\s-]/g, '').replace(/O/g, '0').replace(/[IL]/g, '1');
}
