// Reads JSON without losing a digit: a number that no double holds comes as its text. Totals do, and their schema takes it.

/** Texts, which are skipped, and numbers that are long enough. */
const textsAndLongNumbers = /"[^"\\]*(?:\\.[^"\\]*)*"|[-+.eE\d]{16,}/g;

/** The source that JSON.parse shows to a reviver is newer than the browsers that `target` of web/vite.config.ts names. */
export function parseExactly(json: string): unknown {
  return JSON.parse(
    json.replace(textsAndLongNumbers, (found) =>
      found.startsWith('"') || String(Number(found)) === found ? found : `"${found}"`,
    ),
  );
}
