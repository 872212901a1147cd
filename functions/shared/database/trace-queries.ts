// A span for each statement, on the way that all of them take: pools, kysely and transactions all end in a client's `query`.
import type pg from 'pg';
import { currentTraceparent, failWith, isTracing, openSpan, type SpanAttributes } from '../tracing/spans.ts';

type Done = (error: unknown, result: unknown) => void;
type Query = (...args: unknown[]) => unknown;

/**
 * Has effect where tracing is on before the pool connects. Statements are shown as they are written, with `$1` for each value; values are
 * never shown. What nobody's request or event needs (housekeeping, `LISTEN`) is outside of every span, and makes none.
 */
export function traceQueries(pool: pg.Pool, url: string): void {
  const { hostname, port, pathname } = new URL(url);
  const database: SpanAttributes = {
    'db.system.name': 'postgresql',
    'db.namespace': decodeURIComponent(pathname.slice(1)),
    'server.address': hostname,
    'server.port': Number(port || 5432),
  };
  pool.on('connect', (client) => {
    if (!isTracing()) return;
    const query = client.query.bind(client) as Query;
    client.query = ((...args: unknown[]) => runTraced(query, args, database)) as typeof client.query;
  });
}

function runTraced(query: Query, args: unknown[], database: SpanAttributes): unknown {
  const text = textOf(args[0]);
  // A Submittable (a cursor, a copy) ends in its own way.
  if (text === undefined || currentTraceparent() === undefined) return query(...args);
  const summary = summaryOf(text);
  const span = openSpan(summary, () => ({
    kind: 'client',
    attributes: { ...database, 'db.query.summary': summary, 'db.query.text': text.replace(/\s+/g, ' ').trim() },
  }));
  if (!span) return query(...args);
  const end = (error: unknown): void => {
    if (error !== undefined && error !== null) {
      const { code } = error as { code?: unknown };
      span.set({ 'db.response.status_code': typeof code === 'string' ? code : undefined });
      failWith(span, error);
    }
    span.end();
  };

  const done = args.at(-1);
  if (typeof done === 'function') {
    const andEnd: Done = (error, result) => {
      end(error);
      (done as Done)(error, result);
    };
    return query(...args.slice(0, -1), andEnd);
  }
  const running = query(...args) as Promise<unknown>;
  running.then(() => end(undefined), end);
  return running;
}

function textOf(query: unknown): string | undefined {
  if (typeof query === 'string') return query;
  if (typeof query !== 'object' || query === null || 'submit' in query) return undefined;
  const { text } = query as { text?: unknown };
  return typeof text === 'string' ? text : undefined;
}

/** What it does to what, e.g. `SELECT account`, `SELECT post`, `UPDATE outbox`, `COMMIT`: few and short, as a span's name has to be. */
export function summaryOf(text: string): string {
  const words = text.match(/\w+|[^\s\w]/g) ?? [];
  const isVerb = (word: string, at: number): boolean =>
    /^(insert|update|delete)$/i.test(word) && !/^(for|do|key|on)$/i.test(words[at - 1] ?? '');
  // A query that only prepares a change (WITH … UPDATE …) is that change.
  const changed = words.findIndex(isVerb);
  const at = changed >= 0 ? changed : words.findIndex((word) => /^select$/i.test(word));
  const verb = (words[Math.max(at, 0)] ?? '').toUpperCase();
  if (at < 0) return verb;
  // `SELECT post(…)`: a function of ours is what is asked.
  const isCall =
    verb === 'SELECT' && words[at + 2] === '(' && !/^(count|coalesce|max|min|sum|exists)$/i.test(words[at + 1] ?? '');
  const before =
    isCall || verb === 'UPDATE' ? at : words.findIndex((word, index) => index > at && /^(from|into)$/i.test(word));
  const target = before < 0 ? undefined : words.slice(before + 1).find((word) => /^\w/.test(word));
  return target === undefined ? verb : `${verb} ${target}`;
}
