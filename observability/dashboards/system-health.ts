// The original's third dashboard. One process a function on a cluster (label service), one for all of them on a laptop.
import type { Dashboard } from './spec.ts';

export const systemHealth: Dashboard = {
  uid: 'microbank-health',
  title: 'microbank: System Health',
  description: 'What the processes and their connections need, and whether they are there.',
  rows: [
    {
      title: 'Processes',
      panels: [
        {
          title: 'Memory Usage by Service',
          description: 'Resident memory. Steady growth of a copy that lives for hours is a leak.',
          kind: 'time-series',
          unit: 'bytes',
          queries: [{ expr: 'sum by (service) (process_resident_memory_bytes{service!=""})', legend: '{{service}}' }],
        },
        {
          title: 'CPU Usage by Service',
          description: 'Cores in use. A function that stays at 1 is bound by its single thread.',
          kind: 'time-series',
          unit: 'short',
          queries: [
            {
              expr: 'sum by (service) (rate(process_cpu_seconds_total{service!=""}[$__rate_interval]))',
              legend: '{{service}}',
            },
          ],
        },
        {
          title: 'Open File Descriptors',
          description: 'Sockets and files. What only grows will end at the limit.',
          kind: 'time-series',
          unit: 'short',
          queries: [{ expr: 'sum by (service) (process_open_fds{service!=""})', legend: '{{service}}' }],
        },
        {
          title: 'GC Pauses',
          description: 'Share of time that garbage collection takes. (The original showed Python collections.)',
          kind: 'time-series',
          unit: 'percentunit',
          queries: [
            {
              expr: 'sum by (service) (rate(nodejs_gc_duration_seconds_sum{service!=""}[$__rate_interval]))',
              legend: '{{service}}',
            },
          ],
        },
        {
          title: 'Event Loop Lag (p99)',
          description: 'How late timers run. Above 100 ms something computes for too long in one turn.',
          kind: 'time-series',
          unit: 's',
          queries: [
            { expr: 'max by (service) (nodejs_eventloop_lag_p99_seconds{service!=""})', legend: '{{service}}' },
          ],
        },
        {
          title: 'Service Status',
          description:
            'Copies that answer their scrape. On a cluster a function without a copy is scaled to zero, not down.',
          kind: 'stat',
          unit: 'short',
          greenFrom: 1,
          queries: [{ expr: 'sum by (service) (up{service!=""})', legend: '{{service}}' }],
        },
      ],
    },
    {
      title: 'Keys',
      panels: [
        {
          title: 'Age of the Keys That Sign',
          description: 'By who speaks with it; tokens are those of sign-in. A year is the most: runbook, KeyOld.',
          kind: 'bars',
          unit: 's',
          redFrom: 365 * 86_400,
          queries: [
            {
              expr: 'time() - max by (speaker) (max_over_time(microbank_signing_key_made_timestamp_seconds[1d]))',
              legend: '{{speaker}}',
            },
          ],
        },
      ],
    },
    {
      title: 'Databases',
      panels: [
        {
          title: 'Pool Connections',
          description: 'Connections in use, of all copies. At the maximum, requests begin to wait.',
          kind: 'time-series',
          unit: 'short',
          queries: [
            {
              expr: 'sum by (database, state) (microbank_pool_connections{state=~"busy|max"})',
              legend: '{{database}} {{state}}',
            },
          ],
        },
        {
          title: 'Requests That Wait for a Connection',
          description: 'Above 0 for longer than a moment: the pool is too small, or statements are too slow.',
          kind: 'time-series',
          unit: 'short',
          queries: [
            {
              expr: 'sum by (database) (microbank_pool_connections{state="waiting"})',
              legend: '{{database}}',
            },
          ],
        },
      ],
    },
  ],
};
