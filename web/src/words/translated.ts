// The shape that a text of one language gives to the same text in the others.

/** Other words, told the same things: `'Close'` becomes any string, a function keeps what it is given. */
export type Translated<T> = T extends string
  ? string
  : T extends (...args: infer A) => string
    ? (...args: A) => string
    : T extends readonly string[]
      ? readonly string[]
      : { readonly [K in keyof T]: Translated<T[K]> };
