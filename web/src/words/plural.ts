// How many of something there are, in a language that tells one from many, as English and German do.

/** `1 account`, `2 accounts`. */
export const plural = (count: number, one: string, many: string): string => `${count} ${count === 1 ? one : many}`;
