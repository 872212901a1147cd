// What is promised to customers, as error budgets: observability/rules/recording.yaml reckons them, alerts.yaml says when one burns too fast.
import type { Dashboard } from './spec.ts';

export const slos: Dashboard = {
  uid: 'microbank-slos',
  title: 'microbank: SLOs',
  description:
    'Availability 99.9 % and answers within half a second for 99 % of requests, over 30 days; cold starts within 3 s.',
  rows: [
    {
      title: 'Availability: 99.9 % of requests do not fail',
      panels: [
        {
          title: 'Failed Share',
          description: 'Of the last 5 minutes and of the last hour. The budget is 0.001.',
          kind: 'time-series',
          unit: 'percentunit',
          queries: [
            { expr: 'bank:request_failures:ratio_5m', legend: '5 minutes' },
            { expr: 'bank:request_failures:ratio_1h', legend: '1 hour' },
          ],
        },
        {
          title: 'Burn Rate',
          description:
            'How many times faster than it may the budget is spent. 14.4 for an hour is 2 % of a month: a page.',
          kind: 'time-series',
          unit: 'short',
          queries: [
            { expr: 'bank:request_failures:ratio_1h / 0.001', legend: '1 hour' },
            { expr: 'bank:request_failures:ratio_6h / 0.001', legend: '6 hours' },
          ],
        },
        {
          title: 'Failed Requests by Function',
          description: 'Where they fail; that function’s log has each with its trace id.',
          kind: 'time-series',
          unit: 'reqps',
          width: 24,
          emptyMeans: 'no request failed',
          queries: [
            {
              expr: 'sum by (function) (rate(microbank_function_requests_total{outcome="failed"}[$__rate_interval])) > 0',
              legend: '{{function}}',
            },
          ],
        },
      ],
    },
    {
      title: 'Latency: 99 % of requests within 0.5 s',
      panels: [
        {
          title: 'Slow Share',
          description: 'Requests that took longer than half a second, relays’ ticks left out. The budget is 0.01.',
          kind: 'time-series',
          unit: 'percentunit',
          queries: [
            { expr: 'bank:slow_requests:ratio_5m', legend: '5 minutes' },
            { expr: 'bank:slow_requests:ratio_1h', legend: '1 hour' },
          ],
        },
        {
          title: 'Latency by Function (p95)',
          description: 'From the request to the end of its answer.',
          kind: 'time-series',
          unit: 's',
          queries: [
            {
              expr: 'histogram_quantile(0.95, sum by (le, function) (rate(microbank_function_request_duration_seconds_bucket[$__rate_interval])))',
              legend: '{{function}}',
            },
          ],
        },
      ],
    },
    {
      title: 'Cold starts: within 3 s',
      panels: [
        {
          title: 'Slow Cold Starts',
          description: 'Share of the copies that needed more than 3 s from their process to their first answer.',
          kind: 'time-series',
          unit: 'percentunit',
          source: 'knative',
          queries: [{ expr: 'bank:slow_cold_starts:ratio', legend: 'slow' }],
        },
      ],
    },
  ],
};
