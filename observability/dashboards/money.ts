// Whether money is conserved, and how fast the ledger commits.
import type { Dashboard } from './spec.ts';

export const money: Dashboard = {
  uid: 'microbank-money',
  title: 'microbank: Money',
  description: 'The promises about money, as numbers that have to be 0, and the work of the ledger.',
  rows: [
    {
      title: 'Promises',
      panels: [
        {
          title: 'Books',
          description: 'What all entries of a currency add up to: 0.',
          kind: 'stat',
          unit: 'short',
          redFrom: 0.000001,
          queries: [{ expr: 'max by (currency) (abs(cnpg_business_books_sum))', legend: '{{currency}}' }],
        },
        {
          title: 'Accounts That Differ From Their Entries',
          description: 'Somebody went around the ledger: 0.',
          kind: 'stat',
          unit: 'short',
          redFrom: 1,
          queries: [{ expr: 'max(cnpg_business_mismatches_accounts)', legend: 'accounts' }],
        },
        {
          title: 'Promises Broken',
          description: 'How often each was broken in the last quarter of an hour: 0. A canary goes back by it.',
          kind: 'bars',
          unit: 'short',
          redFrom: 1,
          width: 24,
          queries: [{ expr: 'max by (promise) (cnpg_microbank_books_broken)', legend: '{{promise}}' }],
        },
      ],
    },
    {
      title: 'Customers',
      panels: [
        {
          title: 'Deposits at the Bank',
          description: 'What customers own, by currency.',
          kind: 'time-series',
          unit: 'short',
          queries: [{ expr: 'sum by (currency) (cnpg_business_accounts_balance)', legend: '{{currency}}' }],
        },
        {
          title: 'Turnover per Minute',
          description: 'Amounts booked a minute, by currency.',
          kind: 'time-series',
          unit: 'short',
          queries: [
            {
              expr: 'sum by (currency) (clamp_min(deriv(cnpg_business_transactions_amount[5m]) * 60, 0))',
              legend: '{{currency}}',
            },
          ],
        },
      ],
    },
    {
      title: 'Ledger',
      panels: [
        {
          title: 'Time of a Commit (p50, p95)',
          description: 'From the ledger to PostgreSQL and back, for a group of postings.',
          kind: 'time-series',
          unit: 's',
          queries: [0.5, 0.95].map((share) => ({
            expr: `histogram_quantile(${share}, sum by (le) (rate(microbank_ledger_commit_seconds_bucket[$__rate_interval])))`,
            legend: `p${share * 100}`,
          })),
        },
        {
          title: 'Postings per Commit',
          description: 'Neighbours that share a commit: grows with the load, which is how the ledger keeps up.',
          kind: 'time-series',
          unit: 'short',
          queries: [
            {
              expr: 'sum(rate(microbank_ledger_postings_total[$__rate_interval])) / (sum(rate(microbank_ledger_commit_seconds_count[$__rate_interval])) > 0)',
              legend: 'postings',
            },
          ],
        },
        {
          title: 'Size of a Group (p50, p95)',
          description: 'Postings of one commit; 32 is the most, and at p50 the ledger is at its limit.',
          kind: 'time-series',
          unit: 'short',
          queries: [0.5, 0.95].map((share) => ({
            expr: `histogram_quantile(${share}, sum by (le) (rate(microbank_ledger_group_postings_bucket[$__rate_interval])))`,
            legend: `p${share * 100}`,
          })),
        },
        {
          title: 'Postings by Outcome',
          description: 'Completed, refused by code, replayed (the same key again), or failed with their commit.',
          kind: 'time-series',
          unit: 'cps',
          queries: [
            {
              expr: 'sum by (outcome) (rate(microbank_ledger_postings_total[$__rate_interval]))',
              legend: '{{outcome}}',
            },
          ],
        },
        {
          title: 'Repeats for Passing Faults',
          description: 'Statements that were tried again after a lost connection, a deadlock or a conflict.',
          kind: 'time-series',
          unit: 'cpm',
          queries: [
            {
              expr: 'sum by (what) (rate(microbank_database_repeats_total[$__rate_interval])) * 60',
              legend: '{{what}}',
            },
          ],
        },
      ],
    },
  ],
};
