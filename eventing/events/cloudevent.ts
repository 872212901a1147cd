// An outbox event as a CloudEvent 1.0: as the SDK's object, in binary mode and in structured mode. All three say the same.
import { CloudEvent } from 'cloudevents';
import type { OutboxEvent } from '../outbox/outbox-event.ts';
import { bankEvents } from './bank-events.ts';
import { encodeHeaderValue } from './header-value.ts';

/** What goes over HTTP; `content-length` is left to the sender. */
export type EventMessage = { headers: Record<string, string>; body: string };

const dataschemas = new Map(bankEvents.map((event) => [event.type, event.dataschema]));

/** The SDK's event. Throws its ValidationError when the outbox row is not a valid CloudEvent. */
export function toCloudEvent(event: OutboxEvent): CloudEvent<unknown> {
  return new CloudEvent<unknown>({ ...cloudEventAttributes(event), data: event.data });
}

/**
 * Binary mode, built by hand: the hand-over does this for every transaction, and the SDK costs several times as much. `signature`: of
 * who recorded it (eventing/signing/voice.ts); consumers refuse an event without.
 */
export function toBinaryMessage(event: OutboxEvent, signature?: string): EventMessage {
  const { datacontenttype, ...attributes } = cloudEventAttributes(event);
  const headers: Record<string, string> = { 'content-type': datacontenttype };
  for (const [name, value] of Object.entries(attributes)) headers[`ce-${name}`] = encodeHeaderValue(value);
  if (signature !== undefined) headers['ce-signature'] = signature;
  return { headers, body: JSON.stringify(event.data) };
}

/** Structured mode: the whole event is the JSON body. */
export function toStructuredMessage(event: OutboxEvent, signature?: string): EventMessage {
  return {
    headers: { 'content-type': 'application/cloudevents+json; charset=utf-8' },
    body: JSON.stringify({ ...cloudEventAttributes(event), signature, data: event.data }),
  };
}

type Attributes = { specversion: '1.0'; datacontenttype: string } & Record<string, string>;

/** Its attributes as they travel, in every mode. */
export function cloudEventAttributes(event: OutboxEvent): Attributes {
  const attributes: Attributes = {
    specversion: '1.0',
    id: event.id,
    source: event.source,
    type: event.type,
    subject: event.subject,
    // The SDK cuts times to milliseconds when it serialises, so every form has to, or the same event would differ.
    time: new Date(event.time).toISOString(),
    datacontenttype: 'application/json',
    partitionkey: event.partitionkey,
    sequence: event.sequence,
  };
  const dataschema = dataschemas.get(event.type);
  if (dataschema !== undefined) attributes.dataschema = dataschema;
  if (event.traceparent !== null) attributes.traceparent = event.traceparent;
  return attributes;
}
