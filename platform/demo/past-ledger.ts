// The ledger in the past: in one transaction of ours the bank's own post(), told what time it is. The bank itself goes on with its own.
import type { Client } from 'pg';
import {
  toSqlPosting,
  type Posting,
  type PostingAnswer,
  type PostingCall,
  type TransactionFacts,
} from '../../functions/shared/ledger/posting.ts';

/** Books at a moment. Throws when the ledger refuses. */
export type PastLedger = (posting: Posting, source: string, call: PostingCall, at: Date) => Promise<TransactionFacts>;

// post() is copied as it stands, under another name and with a search path on which our clock comes before PostgreSQL's own.
// What it calls has no search path of its own, so it finds that clock too. Nobody else sees any of this: it is never committed.
const makePast = `
  CREATE SCHEMA past;
  CREATE FUNCTION past.clock_timestamp() RETURNS timestamptz LANGUAGE sql STABLE
    RETURN current_setting('past.now')::timestamptz;
  DO $do$ BEGIN
    EXECUTE replace(pg_get_functiondef('public.post(jsonb)'::regprocedure), 'FUNCTION public.post(', 'FUNCTION past.post(');
  END $do$;
  ALTER FUNCTION past.post(jsonb) SET search_path = past, pg_catalog, public, pg_temp;
  CREATE FUNCTION past.post_at(moment text, postings jsonb) RETURNS jsonb LANGUAGE plpgsql AS $$
  BEGIN
    PERFORM set_config('past.now', moment, true);
    RETURN past.post(postings);
  END $$`;

/** Whatever this bank allows now, then its customers paid in cash as they liked. */
const openDesk = { dailyLimitMinor: undefined };

/** Commits all that `work` books, or nothing; on a fault the connection is left inside the transaction, for its owner to end. */
export async function inThePast<T>(client: Client, work: (book: PastLedger) => Promise<T>): Promise<T> {
  await client.query('BEGIN');
  await client.query(makePast);
  const result = await work(async (posting, source, call, at) => {
    const { rows } = await client.query<{ answers: PostingAnswer[] }>({
      name: 'post-at',
      text: 'SELECT past.post_at($1, $2::jsonb) AS answers',
      values: [at.toISOString(), JSON.stringify([toSqlPosting(posting, source, call, openDesk)])],
    });
    const answer = rows[0]?.answers[0];
    if (answer?.outcome !== 'completed')
      throw new Error(`the ledger refused a ${posting.type} of the demo`, { cause: answer });
    if (Date.parse(answer.facts.booked_at) !== at.getTime())
      throw new Error('post() did not take the clock that it was given');
    return answer.facts;
  });
  await client.query('DROP SCHEMA past CASCADE; COMMIT');
  return result;
}
