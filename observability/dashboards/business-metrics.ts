// The original's second dashboard. Its numbers come from the databases, so they survive that functions scale to zero.
import type { Dashboard } from './spec.ts';

/** Views of one name in each context's database; a restart of the exporter starts them anew, so a step down counts as none. */
const perMinute = (metric: string) => `clamp_min(deriv(${metric}[5m]) * 60, 0)`;

export const businessMetrics: Dashboard = {
  uid: 'microbank-business',
  title: 'microbank: Business Metrics',
  description: 'What the bank does for its customers, counted by the databases.',
  rows: [
    {
      title: 'Now',
      panels: [
        {
          title: 'Transaction Rate (per minute)',
          description: 'Transactions booked a minute, by type.',
          kind: 'time-series',
          unit: 'cpm',
          queries: [
            {
              expr: `sum by (type) (${perMinute('cnpg_business_transactions_booked')})`,
              legend: '{{type}}',
            },
          ],
        },
        {
          title: 'User & Account Creation Rate',
          description: 'People registered and accounts opened a minute.',
          kind: 'time-series',
          unit: 'cpm',
          queries: [
            { expr: `sum(${perMinute('cnpg_business_users_registered')})`, legend: 'users' },
            { expr: `sum(${perMinute('cnpg_business_accounts_open')})`, legend: 'accounts' },
          ],
        },
        {
          title: 'Refusals by Code',
          description:
            'What the ledger said no to in the last 24 hours: no fault, but a rise tells of a confusing page or an attack.',
          kind: 'bars',
          unit: 'short',
          emptyMeans: 'Nothing was refused in the last 24 hours',
          queries: [{ expr: 'sum by (code) (cnpg_business_refusals_last_day)', legend: '{{code}}' }],
        },
        {
          title: 'Error Rate by Service',
          description: 'Share of requests that failed (5xx). Refusals are answers.',
          kind: 'time-series',
          unit: 'percentunit',
          max: 1,
          queries: [
            {
              expr: 'sum by (function) (rate(microbank_function_requests_total{outcome="failed"}[$__rate_interval])) / (sum by (function) (rate(microbank_function_requests_total[$__rate_interval])) > 0)',
              legend: '{{function}}',
            },
          ],
        },
      ],
    },
    {
      title: 'Today (UTC)',
      panels: [
        stat(
          'Total Transactions (Today)',
          'Booked since midnight UTC.',
          'sum(cnpg_business_transactions_booked_today)',
        ),
        stat(
          'Total Users Created (Today)',
          'Registered since midnight UTC.',
          'sum(cnpg_business_users_registered_today)',
        ),
        stat(
          'Notifications Sent (Today)',
          'Written since midnight UTC, and not deleted by their owners.',
          'sum(cnpg_business_notifications_sent_today) or vector(0)',
        ),
        {
          title: 'Success Rate (%)',
          description: 'Share of requests of the last hour that did not fail.',
          kind: 'gauge',
          unit: 'percentunit',
          width: 6,
          max: 1,
          greenFrom: 0.99,
          queries: [
            {
              expr: '1 - (sum(increase(microbank_function_requests_total{outcome="failed"}[1h])) or vector(0)) / sum(increase(microbank_function_requests_total{outcome!="abandoned"}[1h]))',
              legend: 'success',
            },
          ],
        },
      ],
    },
    {
      title: 'Altogether',
      panels: [
        {
          title: 'Users',
          description: 'People who have an account with the bank.',
          kind: 'stat',
          unit: 'short',
          width: 6,
          queries: [{ expr: 'sum by (role) (cnpg_business_users_registered)', legend: '{{role}}' }],
        },
        {
          title: 'Open Accounts',
          description: 'Accounts that are open, by currency.',
          kind: 'bars',
          unit: 'short',
          width: 9,
          queries: [{ expr: 'sum by (currency) (cnpg_business_accounts_open)', legend: '{{currency}}' }],
        },
        {
          title: 'Amounts by Currency',
          description: 'What transactions add up to, in units of each currency.',
          kind: 'bars',
          unit: 'short',
          width: 9,
          queries: [{ expr: 'sum by (currency) (cnpg_business_transactions_amount)', legend: '{{currency}}' }],
        },
      ],
    },
    {
      title: 'Sessions',
      panels: [
        {
          title: 'Live Sessions',
          description: 'Who is signed in, by browser (web) and by program (api).',
          kind: 'time-series',
          unit: 'short',
          queries: [{ expr: 'sum by (kind) (cnpg_business_sessions_live)', legend: '{{kind}}' }],
        },
        {
          title: 'Sign-Ins and Other Acts of the Last Hour',
          description: 'What the audit trail has. Many refused sessions: somebody guesses passwords.',
          kind: 'bars',
          unit: 'short',
          queries: [{ expr: 'sum by (act) (cnpg_business_acts_last_hour)', legend: '{{act}}' }],
        },
        {
          title: 'Sessions That Ended Early (24 Hours)',
          description: 'By reason; renewal_secret_reused says that somebody else had the secret of a session.',
          kind: 'bars',
          unit: 'short',
          emptyMeans: 'none',
          queries: [{ expr: 'sum by (reason) (cnpg_business_session_ends_last_day)', legend: '{{reason}}' }],
        },
      ],
    },
  ],
};

function stat(title: string, description: string, expr: string) {
  return { title, description, kind: 'stat', unit: 'short', width: 6, queries: [{ expr, legend: 'today' }] } as const;
}
