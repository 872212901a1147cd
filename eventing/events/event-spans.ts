// What a span tells of an event: OpenTelemetry's conventions for messaging and for CloudEvents.
// https://opentelemetry.io/docs/specs/semconv/messaging/messaging-spans/, …/specs/semconv/registry/attributes/cloudevents/
import type { SpanAttributes } from '../../functions/shared/tracing/spans.ts';

/** As its envelope has it; `subject` and data stay with the event. */
export type EventNames = { id?: string | undefined; source?: string | undefined; type?: string | undefined };

/**
 * Brokers route by type, so the type is where an event goes to. `operation`: its producer sends, the broker delivers, a consumer
 * processes.
 */
export function eventAttributes(
  operation: 'send' | 'deliver' | 'process',
  { id, source, type }: EventNames,
): SpanAttributes {
  return {
    'messaging.system': 'knative',
    'messaging.operation.name': operation,
    // Of the three the conventions know two: what lies between them is no business of theirs.
    'messaging.operation.type': operation === 'deliver' ? undefined : operation,
    'messaging.destination.name': type,
    'messaging.message.id': id,
    'cloudevents.event_spec_version': '1.0',
    'cloudevents.event_id': id,
    'cloudevents.event_source': source,
    'cloudevents.event_type': type,
  };
}
