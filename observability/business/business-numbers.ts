// The business numbers: which views of the three databases are metrics, and under which names. Their SQL is a migration of each database
// (functions/shared/database/migrations/*/0010-business-numbers.sql), so a laptop and a cluster count the same way. They are read as
// PostgreSQL's own role for monitoring, which sees these sums and no table (0010-business-numbers.sql, 0009-books-at-odds.sql).
import type { DatabaseName } from '../../functions/shared/contract/function.ts';

export type BusinessMetric = {
  database: DatabaseName;
  /** A view; each row is one series per value. */
  view: string;
  /** What is read instead, where a function answers: the metric still has the view's name. */
  from?: string;
  labels: readonly string[];
  /** Columns that are numbers, and what they count. */
  values: Readonly<Record<string, string>>;
};

export const businessMetrics: readonly BusinessMetric[] = [
  {
    database: 'users',
    view: 'business_users',
    labels: ['role'],
    values: {
      registered: 'People who have an account with the bank, by role.',
      registered_today: 'Of these, registered since midnight UTC.',
      removed: 'People who were removed.',
    },
  },
  {
    database: 'users',
    view: 'business_outbox',
    labels: [],
    values: outbox('users'),
  },
  {
    database: 'users',
    view: 'business_sessions',
    labels: ['kind'],
    values: {
      live: 'Sessions of programs (api) and browsers (web) that go on.',
      started_last_day: 'Sign-ins in the last 24 hours.',
    },
  },
  {
    database: 'users',
    view: 'business_session_ends',
    labels: ['reason'],
    values: { last_day: 'Sessions that ended before their time in the last 24 hours, by reason.' },
  },
  acts('users'),
  {
    database: 'ledger',
    view: 'business_accounts',
    labels: ['currency', 'account_type'],
    values: {
      open: 'Accounts that are open.',
      closed: 'Accounts that were closed.',
      balance: 'What their balances add up to, in units of the currency.',
    },
  },
  {
    database: 'ledger',
    view: 'business_transactions',
    labels: ['type', 'currency'],
    values: {
      booked: 'Transactions booked.',
      booked_today: 'Of these, since midnight UTC.',
      amount: 'What their amounts add up to, in units of the currency.',
    },
  },
  {
    database: 'ledger',
    view: 'business_refusals',
    labels: ['code'],
    values: { last_day: 'Requests that the ledger refused in the last 24 hours, by code.' },
  },
  {
    database: 'ledger',
    view: 'business_books',
    labels: ['currency'],
    values: { sum: 'What all entries add up to, in units: 0, or money was made or lost.' },
  },
  {
    database: 'ledger',
    view: 'business_mismatches',
    labels: [],
    values: { accounts: 'Accounts whose balance is not the sum of their entries: 0.' },
  },
  {
    // A canary goes back by it: platform/delivery/canary.
    database: 'ledger',
    view: 'microbank_books',
    from: 'books_at_odds()',
    labels: ['promise'],
    values: { broken: 'How often a promise about money was broken in the last quarter of an hour: 0.' },
  },
  { database: 'ledger', view: 'business_outbox', labels: [], values: outbox('ledger') },
  acts('ledger'),
  {
    database: 'notifications',
    view: 'business_notifications',
    labels: ['kind'],
    values: {
      kept: 'Notifications that their owners have not deleted.',
      unread: 'Of these, not read yet.',
      sent_today: 'Of these, written since midnight UTC.',
    },
  },
  {
    database: 'notifications',
    view: 'business_dead_letters',
    labels: [],
    values: {
      open: 'Events that the broker gave up on and nobody has dealt with.',
      apart: 'Dead letters that no context of the bank has signed.',
    },
  },
  acts('notifications'),
];

/**
 * CloudNativePG names a metric `cnpg_<query>_<column>` and labels it with the database (`datname`); a laptop's have the same names, so
 * that one set of dashboards and rules serves both. Views of one name in two databases are one metric.
 */
export function metricName(view: string, column: string): string {
  return `cnpg_${view}_${column}`;
}

/** What is read: the view as it is, with the database's name as CloudNativePG adds it. */
export function queryOf({ view, from = view, labels, values }: BusinessMetric): string {
  return `SELECT current_database() AS datname, ${[...labels, ...Object.keys(values)].join(', ')} FROM ${from}`;
}

/** Of the audit trail, which each context has: functions/shared/contract/audit.ts names the acts. */
function acts(database: DatabaseName): BusinessMetric {
  return {
    database,
    view: 'business_acts',
    labels: ['act'],
    values: {
      last_day: 'What the audit trail has of the last 24 hours, by act.',
      last_hour: 'Of these, in the last hour.',
    },
  };
}

function outbox(context: string): Record<string, string> {
  return {
    unsettled: `Events of the ${context} context that some consumer may not have yet.`,
    oldest_seconds: 'Age of the oldest of these; 0 without any.',
  };
}
