// Shows what went in and out of an account in a period, as JSON or CSV.
import type { Kysely } from 'kysely';
import { isTeller, userIdOf } from '../shared/handler/caller.ts';
import type { Document } from '../shared/handler/answer.ts';
import type { CommandOf } from '../shared/contract/function.ts';
import { notFound, Refusal } from '../shared/contract/errors.ts';
import { defineFunction } from '../shared/process/define-function.ts';
import type { LedgerSchema } from '../shared/ledger/schema.ts';
import { contract, mostLines, type Statement } from './contract.ts';
import { parsePeriod } from './period.ts';
import { renderCsv } from './render-csv.ts';
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

  const format = query.format ?? (accept === 'text/csv' ? 'csv' : 'json');
  return format === 'json' ? statement : asFile(statement);
}

function asFile(statement: Statement): Document {
  const from = statement.from.slice(0, 10);
  const lastDay = new Date(Date.parse(statement.to) - 1).toISOString().slice(0, 10);
  return {
    kind: 'document',
    contentType: 'text/csv; charset=utf-8; header=present',
    filename: `statement-${statement.account_id}-${from}-${lastDay}.csv`,
    body: renderCsv(statement),
  };
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
