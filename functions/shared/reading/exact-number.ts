// Whether a number is still the one that was written, once a double holds it.

/** True for a double that has all the digits of its JSON text. */
export function isExactly(value: number, source: string): boolean {
  if (!Number.isFinite(value) || Object.is(value, -0)) return false;
  return spellingOf(String(value)) === spellingOf(source);
}

/** One spelling for equal decimals: `-12.50e3` and `-12500` are both `-125e2`. */
function spellingOf(decimal: string): string {
  const [, sign = '', whole = '', fraction = '', exponent = '0'] =
    /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/.exec(decimal) ?? [];
  const digits = whole + fraction;
  const { start, end } = withoutZeros(digits);
  if (start === end) return '0';
  return `${sign}${digits.slice(start, end)}e${Number(exponent) - fraction.length + digits.length - end}`;
}

/** What of a text this looks at; a test counts how often. */
export type Digits = { readonly length: number; charCodeAt: (index: number) => number };

const zero = 0x30;

/**
 * Where digits begin and end without the zeros around them. Looks at each of these once: an expression for the zeros at the end
 * begins anew at every zero that is not at the end, which costs seconds for a body full of them.
 */
export function withoutZeros(digits: Digits): { start: number; end: number } {
  let start = 0;
  let end = digits.length;
  while (start < end && digits.charCodeAt(start) === zero) start++;
  while (end > start && digits.charCodeAt(end - 1) === zero) end--;
  return { start, end };
}
