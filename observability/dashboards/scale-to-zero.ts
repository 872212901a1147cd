// What scale-to-zero does: copies of each function, who waits for one, and what it saves. Knative's own series; there is none for cold starts
// (knative/serving#13459), so functions tell theirs.
import type { Dashboard } from './spec.ts';

const bank = 'k8s_namespace_name="microbank"';

export const scaleToZero: Dashboard = {
  uid: 'microbank-scale-to-zero',
  title: 'microbank: Scale to Zero',
  description:
    'Copies wanted and ready of each function, cold starts and who waits for them, and what running nothing saves.',
  rows: [
    {
      title: 'Copies',
      panels: [
        knative(
          'Copies Wanted',
          'What the autoscaler wants; 0 after about a minute without requests.',
          'kn_revision_pods_desired',
        ),
        knative('Copies Ready', 'What runs and takes requests.', 'kn_revision_pods_count'),
        knative(
          'Copies Terminating',
          'What finishes its requests before it goes.',
          'kn_revision_pods_terminating_count',
        ),
        {
          title: 'Functions Without a Copy',
          description: 'Functions that cost nothing at this moment.',
          kind: 'stat',
          unit: 'short',
          source: 'knative',
          queries: [
            {
              expr: `count(sum by (kn_service_name) (kn_revision_pods_count{${bank}}) == 0) or vector(0)`,
              legend: 'scaled to zero',
            },
          ],
        },
      ],
    },
    {
      title: 'Cold starts',
      panels: [
        {
          title: 'Requests That Wait for a Cold Start',
          description: 'Held by the activator until a copy is there.',
          kind: 'time-series',
          unit: 'short',
          source: 'knative',
          queries: [{ expr: 'sum by (kn_revision_name) (kn_revision_request_queued)', legend: '{{kn_revision_name}}' }],
        },
        {
          title: 'Activation Latency (p95)',
          description: 'What requests through the activator took, starts included.',
          kind: 'time-series',
          unit: 's',
          source: 'knative',
          queries: [
            {
              expr: `histogram_quantile(0.95, sum by (le, kn_service_name) (rate(http_server_request_duration_seconds_bucket{job="activator",${bank}}[$__rate_interval])))`,
              legend: '{{kn_service_name}}',
            },
          ],
        },
        {
          title: 'Cold Start of a Copy',
          description:
            'From the start of its process to its first answer, as each copy tells it; nothing of a copy that nobody has asked. Pod and image come before it.',
          kind: 'time-series',
          unit: 's',
          source: 'knative',
          queries: [{ expr: 'max by (service) (microbank_function_cold_start_seconds > 0)', legend: '{{service}}' }],
        },
        {
          title: 'Transitions in the Last Hour',
          description:
            'How often a function went from none to some, or back. Many: its traffic is just too thin to keep a copy.',
          kind: 'bars',
          unit: 'short',
          source: 'knative',
          queries: [
            {
              expr: `changes((sum by (kn_service_name) (kn_revision_pods_count{${bank}}) > bool 0)[1h:15s])`,
              legend: '{{kn_service_name}}',
            },
          ],
        },
      ],
    },
    {
      title: 'What it saves',
      panels: [
        {
          title: 'Copies, Against Two of Each',
          description: 'Copies of all functions, beside what two copies of each would be.',
          kind: 'time-series',
          unit: 'short',
          source: 'knative',
          queries: [
            { expr: `sum(kn_revision_pods_count{${bank}})`, legend: 'with scale to zero' },
            {
              expr: `2 * count(count by (kn_service_name) (kn_revision_pods_count{${bank}}))`,
              legend: 'two of each',
            },
          ],
        },
        {
          title: 'Saved in the Last Hour',
          description: 'Share of the copies that two of each would have been.',
          kind: 'gauge',
          unit: 'percentunit',
          source: 'knative',
          max: 1,
          greenFrom: 0.5,
          queries: [
            {
              expr: `1 - avg_over_time(sum(kn_revision_pods_count{${bank}})[1h:1m]) / (2 * count(count by (kn_service_name) (kn_revision_pods_count{${bank}})))`,
              legend: 'saved',
            },
          ],
        },
      ],
    },
  ],
};

function knative(title: string, description: string, metric: string) {
  return {
    title,
    description,
    kind: 'time-series',
    unit: 'short',
    source: 'knative',
    queries: [{ expr: `sum by (kn_service_name) (${metric}{${bank}})`, legend: '{{kn_service_name}}' }],
  } as const;
}
