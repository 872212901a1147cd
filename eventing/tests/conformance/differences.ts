// Where brokers that keep the same contract differ, and why. The cases look here; none is left out for a broker.

export type BrokerKind = 'in-process' | 'amqp' | 'knative';

type Difference<V extends string = string> = Readonly<Record<BrokerKind, V>> & { reason: string };

/**
 * What the cases see from outside. `knative` is its RabbitMQ broker: read in sources of eventing-rabbitmq up to 1.22
 * (cmd/ingress, pkg/dispatcher, pkg/rabbit/message.go) and of cloudevents/sdk-go, then seen on a cluster with 1.22.1.
 */
export const differences = {
  accepted: {
    'in-process': 'after every subscriber answered',
    amqp: 'when RabbitMQ has it',
    knative: 'when RabbitMQ has it',
    reason: 'The in-process broker keeps nothing, so until then the sender has to keep the event.',
  },
  errorData: {
    'in-process': 'the last answer',
    amqp: 'the last answer',
    knative: 'left out',
    reason: 'Its dispatcher sets knativeerrordata only when a reply could not be published.',
  },
  time: {
    'in-process': 'as sent',
    amqp: 'as sent',
    knative: 'the same moment',
    reason:
      'Its SDK parses times and writes them anew, without trailing zeros; an event without one gets that of each delivery.',
  },
  returnedDeadLetter: {
    'in-process': 'held back',
    amqp: 'held back',
    knative: 'delivered',
    reason:
      'Its bindings look at the attributes of the filter only. Nobody in this bank sends a dead letter to the broker: redriving goes to ' +
      'the consumer at which it died.',
  },
  nonAscii: {
    'in-process': 'percent-encoded',
    amqp: 'percent-encoded',
    knative: 'as it came',
    reason:
      'Its SDK neither encodes nor decodes header values: what came in a header stays encoded, JSON goes out as UTF-8.',
  },
  traceExtension: {
    'in-process': 'kept',
    amqp: 'kept',
    knative: 'left out',
    reason:
      'In RabbitMQ the extension shares a header with the trace of the broker itself, which its dispatcher does not pass on ' +
      'as an attribute. The trace goes on in the HTTP header, which listener.ts reads as well.',
  },
  closedConnection: {
    'in-process': 'sent again at once when the connection was kept alive',
    amqp: 'sent again at once when the connection was kept alive',
    knative: 'a try like any other',
    reason:
      'Whoever keeps a connection alive may close it in the very moment it is used; that says nothing about the event, so it is ' +
      'not counted as a try. A subscriber that closes connections under requests gets up to twice as many.',
  },
} as const satisfies Record<string, Difference>;

/** What no case can see through HTTP, or would need a crash for. Proved for our brokers in eventing/broker and eventing/tests/faults. */
export const unseenDifferences = [
  {
    ours: 'The dead letter is with RabbitMQ before the original is acknowledged.',
    knative: 'The other way round: a crash in between loses the event.',
    reason: 'pkg/dispatcher/dispatcher.go acks first. The relay asks consumers what they miss, and sends it again.',
  },
  {
    ours: 'A dead letter that its sink does not take stays: in the sender’s outbox (in process) or in its queue (amqp).',
    knative: 'It is acknowledged and gone.',
    reason: 'Reported upstream as #1385, closed as stale. The relay notices this as well.',
  },
  {
    ours: 'A redirect is an answer like any other 3xx: the event counts as delivered.',
    knative: 'Go’s HTTP client follows a Location.',
    reason: 'No function of this bank redirects; the cases answer 3xx without a Location.',
  },
  {
    ours: 'Copies of an event that is just being delivered wait for the same end (in process only).',
    knative: 'Each copy is delivered.',
    reason: 'A sender that timed out must not add to the load of a subscriber that hangs.',
  },
  {
    ours: 'More than 1 MiB is 413.',
    knative: 'The limit is RabbitMQ’s max_message_size (16 MiB by default).',
    reason: 'Events of this bank have a few KiB; the cases stay below 1 MiB.',
  },
] as const;
