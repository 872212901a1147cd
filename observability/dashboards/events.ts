// From a commit to its effect: what the outboxes owe, what the broker does, what nobody took.
import type { Dashboard } from './spec.ts';

export const events: Dashboard = {
  uid: 'microbank-events',
  title: 'microbank: Events',
  description: 'Events on their way from the commit that caused them to whom they concern.',
  rows: [
    {
      title: 'Owed',
      panels: [
        {
          title: 'Unsettled Events',
          description: 'Events that some consumer may not have yet. A busy bank always has some; what stays is owed.',
          kind: 'time-series',
          unit: 'short',
          queries: [{ expr: 'sum by (datname) (cnpg_business_outbox_unsettled)', legend: '{{datname}}' }],
        },
        {
          title: 'Age of the Oldest',
          description: 'Above 5 minutes something is stuck: see the runbook of OutboxOld.',
          kind: 'time-series',
          unit: 's',
          queries: [{ expr: 'max by (datname) (cnpg_business_outbox_oldest_seconds)', legend: '{{datname}}' }],
        },
        {
          title: 'Events Owed, as the Relay Finds',
          description: 'The relay asks every consumer what it has; its normal value is 0.',
          kind: 'time-series',
          unit: 'short',
          queries: [{ expr: 'max by (context) (last_over_time(microbank_events_owed[5m]))', legend: '{{context}}' }],
        },
        {
          title: 'Dead Letters',
          description: 'What the broker gave up on and nobody has dealt with. Operations page, Dead letters.',
          kind: 'stat',
          unit: 'short',
          redFrom: 1,
          queries: [{ expr: 'max(cnpg_business_dead_letters_open)', legend: 'open' }],
        },
      ],
    },
    {
      title: 'Refused',
      panels: [
        {
          title: 'Events and Questions Refused for Their Signature',
          description: 'Somebody speaks in another name, or a key is missing. Always 0 but while keys change.',
          kind: 'time-series',
          unit: 'cpm',
          queries: [
            {
              expr: 'sum by (reason) (rate(microbank_signatures_refused_total[$__rate_interval])) * 60',
              legend: '{{reason}}',
            },
          ],
        },
        {
          title: 'Commands Refused for Their Authority',
          description: 'Commands through the broker without, or with a bad or late, authority of their customer.',
          kind: 'time-series',
          unit: 'cpm',
          queries: [
            {
              expr: 'sum by (reason) (rate(microbank_command_authorities_refused_total[$__rate_interval])) * 60',
              legend: '{{reason}}',
            },
          ],
        },
      ],
    },
    {
      title: 'Broker',
      panels: [
        {
          title: 'Messages Ready',
          description: 'Waiting for a dispatcher. Growth: consumers are slower than the bank.',
          kind: 'time-series',
          unit: 'short',
          queries: [
            {
              expr: 'sum by (queue) (rabbitmq_queue_messages_ready or microbank_broker_queue_messages)',
              legend: '{{queue}}',
            },
          ],
        },
        {
          title: 'Consumers',
          description: 'Dispatchers on each queue; 0 is a Trigger that delivers nothing.',
          kind: 'time-series',
          unit: 'short',
          queries: [
            {
              expr: 'sum by (queue) (rabbitmq_queue_consumers or microbank_broker_queue_consumers)',
              legend: '{{queue}}',
            },
          ],
        },
        {
          title: 'Deliveries by Outcome',
          description:
            "A laptop's broker: delivered, tried again, refused by the subscriber, given up as a dead letter.",
          kind: 'time-series',
          unit: 'cps',
          source: 'laptop',
          queries: [
            {
              expr: 'sum by (outcome) (rate(microbank_broker_deliveries_total[$__rate_interval]))',
              legend: '{{outcome}}',
            },
          ],
        },
        {
          title: 'Dispatches by Trigger',
          description: "What Knative's dispatchers send to subscribers, each with its retries.",
          kind: 'time-series',
          unit: 'cps',
          source: 'dispatchers',
          queries: [
            {
              expr: 'sum by (messaging_destination_name) (rate(kn_eventing_dispatch_duration_seconds_count[$__rate_interval]))',
              legend: '{{messaging_destination_name}}',
            },
          ],
        },
      ],
    },
  ],
};
