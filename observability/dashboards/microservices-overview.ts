// The original's first dashboard, panel by panel; its services are functions here.
import type { Dashboard } from './spec.ts';

const of = 'http_requests_total';

export const microservicesOverview: Dashboard = {
  uid: 'microbank-overview',
  title: 'microbank: Microservices Overview',
  description: 'What each function is asked, how it answers, and how fast.',
  rows: [
    {
      title: 'Requests',
      panels: [
        {
          title: 'Request Rate (req/sec)',
          description: 'Requests a second by function. Probes and scrapes do not count.',
          kind: 'time-series',
          unit: 'reqps',
          queries: [{ expr: `sum by (function) (rate(${of}[$__rate_interval])) > 0`, legend: '{{function}}' }],
        },
        {
          title: 'Average Response Time',
          description: 'Mean time from a request to the end of its answer. A cold start is in it: see Scale to Zero.',
          kind: 'time-series',
          unit: 's',
          queries: [
            {
              expr: 'sum by (function) (rate(http_request_duration_seconds_sum[$__rate_interval])) / (sum by (function) (rate(http_request_duration_seconds_count[$__rate_interval])) > 0)',
              legend: '{{function}}',
            },
          ],
        },
        {
          title: 'Total Requests',
          description: 'Requests that the running copies have answered since they started.',
          kind: 'stat',
          unit: 'short',
          width: 6,
          queries: [{ expr: `sum(${of})`, legend: 'requests' }],
        },
        {
          title: 'Requests by Service',
          description: 'Which functions the last hour was about.',
          kind: 'pie',
          unit: 'short',
          width: 6,
          queries: [{ expr: `sum by (function) (increase(${of}[1h])) > 0`, legend: '{{function}}' }],
        },
        {
          title: 'Requests by Status Code',
          description: '2xx answered, 4xx refused, 5xx failed, gone: the caller left before there was an answer.',
          kind: 'time-series',
          unit: 'reqps',
          stacked: true,
          queries: [{ expr: `sum by (status) (rate(${of}[$__rate_interval]))`, legend: '{{status}}' }],
        },
        {
          title: 'Requests by Handler',
          description: 'Which routes are used; / is where the broker delivers.',
          kind: 'time-series',
          unit: 'reqps',
          width: 24,
          queries: [
            {
              expr: `sum by (method, handler) (rate(${of}[$__rate_interval])) > 0`,
              legend: '{{method}} {{handler}}',
            },
          ],
        },
      ],
    },
  ],
};
