// An outbox event as a CloudEvent 1.0: as the SDK's object, in binary mode and in structured mode. All three say the same.
import { CloudEvent } from 'cloudevents';
import type { OutboxEvent } from '../outbox/outbox-event.ts';
import { bankEvents } from './bank-events.ts';

/** What goes over HTTP; `content-length` is left to the sender. */
export type EventMessage = { headers: Record<string, string>; body: string };

const dataschemas = new Map(bankEvents.map((event) => [event.type, event.dataschema]));

/** The SDK's event. Throws its ValidationError when the outbox row is not a valid CloudEvent. */
export function toCloudEvent(event: OutboxEvent): CloudEvent<unknown> {
  return new CloudEvent<unknown>({ ...attributesOf(event), data: event.data });
}

/** Binary mode, built by hand: the hand-over does this for every transaction, and the SDK costs several times as much. */
export function toBinaryMessage(event: OutboxEvent): EventMessage {
  const { datacontenttype, ...attributes } = attributesOf(event);
  const headers: Record<string, string> = { 'content-type': datacontenttype };
  for (const [name, value] of Object.entries(attributes)) headers[`ce-${name}`] = encodeHeaderValue(value);
  return { headers, body: JSON.stringify(event.data) };
}

/** Structured mode: the whole event is the JSON body. */
export function toStructuredMessage(event: OutboxEvent): EventMessage {
  return {
    headers: { 'content-type': 'application/cloudevents+json; charset=utf-8' },
    body: JSON.stringify({ ...attributesOf(event), data: event.data }),
  };
}

type Attributes = { specversion: '1.0'; datacontenttype: string } & Record<string, string>;

function attributesOf(event: OutboxEvent): Attributes {
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

/** Percent-encodes what an HTTP header cannot carry, as the CloudEvents HTTP binding asks (3.1.3.2); the SDK does not. */
export function encodeHeaderValue(value: string): string {
  if (/^[!#$&-~]*$/.test(value)) return value;
  return Array.from(value.toWellFormed(), (character) =>
    /^[!#$&-~]$/.test(character) ? character : encodeURIComponent(character),
  ).join('');
}

/** Undoes `encodeHeaderValue`; text that is not valid percent-encoding stays as it is. */
export function decodeHeaderValue(value: string): string {
  if (!value.includes('%')) return value;
  try {
    return decodeURIComponent(value);
  } catch {
    return value;
  }
}
