// The order of rows where a statement leaves it open. PostgreSQL's own changes with its plans, so here the seed draws one.
import { textOf } from './labels.ts';
import type { Random } from './random.ts';

/** The last ORDER BY counts: one in brackets orders what a part of the statement reads, not its result. */
const isOrdered = (statement: string): boolean => /\border by\b[^)]*$/i.test(statement);

/** Rows of this bank's statements begin with a source or an event's id; both sort alike each time, as later ids are greater. */
export function drawRowOrder(random: Random, statement: string, rows: object[]): void {
  if (rows.length < 2 || isOrdered(statement)) return;
  const texts = new Map(rows.map((row) => [row, textOf(row)]));
  rows.sort((one, other) => ((texts.get(one) ?? '') < (texts.get(other) ?? '') ? -1 : 1));
  for (let last = rows.length - 1; last > 0; last--) {
    const place = random.below(last + 1);
    [rows[last], rows[place]] = [rows[place] as object, rows[last] as object];
  }
}
