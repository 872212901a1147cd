// Shows what went in and out of an account in a period, as JSON or as a file of another form.
import type { Kysely } from 'kysely';
import { isTeller, userIdOf } from '../shared/handler/caller.ts';
import type { Document } from '../shared/handler/answer.ts';
import type { CommandOf } from '../shared/contract/function.ts';
import { notFound, Refusal } from '../shared/contract/errors.ts';
import { asJsonNumber } from '../shared/contract/money.ts';
import { defineFunction } from '../shared/process/define-function.ts';
import type { LedgerSchema } from '../shared/ledger/schema.ts';
import { contract, mediaTypes, mostLines, type Statement, type StatementFormat } from './contract.ts';
import { parsePeriod } from './period.ts';
import { renderFile } from './render-file.ts';
import { selectStatement } from './select-statement.ts';
import type { Call } from '../shared/handler/call.ts';

type Query = CommandOf<(typeof contract.routes)['GET /accounts/{id}/statement']>;

/** Refuses (422 `period_too_long`) more than `mostLines` lines or `mostDays` days, and (404) what is not the caller's. */
export async function readStatement(
  db: Kysely<LedgerSchema>,
  now: Date,
  query: Query,
  { caller, accept }: Pick<Call, 'caller' | 'accept'>,
): Promise<Statement | Document> {
  const period = parsePeriod(query, now);
  // One line more than allowed tells that there are too many. Nobody is user 0: no caller reads without being a teller or somebody.
  const ownerId = isTeller(caller) ? undefined : (userIdOf(caller) ?? 0);
  const statement = await selectStatement(db, { accountId: query.id, ownerId, period, now, limit: mostLines + 1 });
  if (!statement) throw notFound('account', query.id, '/id');
  if (statement.entries.length > mostLines) throw tooManyLines();

  const format = query.format ?? formatOf(accept);
  return format === 'json' ? withExactTotals(statement) : renderFile(statement, format, query.csv_style, now);
}

function withExactTotals(statement: Statement): Statement {
  const { total_in, total_out } = statement;
  return { ...statement, total_in: asJsonNumber(total_in), total_out: asJsonNumber(total_out) };
}

function formatOf(accept: string): StatementFormat {
  const [format = 'json'] = Object.entries(mediaTypes).find(([, type]) => type === accept) ?? [];
  return format as StatementFormat;
}

function tooManyLines(): Refusal {
  const detail = `a statement has at most ${mostLines} lines; ask for a shorter period`;
  return new Refusal('period_too_long', 422, detail, { errors: [{ pointer: '/from', detail }] });
}

export const readStatementFunction = defineFunction(contract, (environment) => ({
  routes: {
    'GET /accounts/{id}/statement': (query, call) =>
      readStatement(environment.ledgerDatabase.db, environment.now(), query, call),
  },
}));
