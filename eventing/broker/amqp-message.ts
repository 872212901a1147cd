// An event as an AMQP message and back: attributes as headers, which the headers exchange matches, and data as the body.
import { createHash } from 'node:crypto';
import type { Message, Options } from 'amqplib';
import { checkAttributes, deadLetterLengthMax } from '../events/attributes.ts';
import type { CarriedEvent } from '../events/carried-event.ts';
import { InvalidEvent } from '../events/invalid-event.ts';
import { currentTraceparent } from '../../functions/shared/tracing/spans.ts';

/**
 * As in section 3.1.3.1 of the CloudEvents binding for AMQP, which has a colon as well: JMS takes none, and other senders may. No
 * attribute has an underscore in its name, so none is mistaken for another.
 */
const prefix = 'cloudEvents_';
const otherPrefix = 'cloudEvents:';
const contentTypeHeader = `${prefix}datacontenttype`;
const repliesHeader = 'replies';
/** No attribute of the event: which span has put the message there. Knative's RabbitMQ broker has it under the same name. */
const traceparentHeader = 'traceparent';

/** The name under which an attribute is a header, for bindings. */
export function headerOf(attribute: string): string {
  return prefix + attribute;
}

/** `replies`: how many replies lie between this event and the one that a sender posted. */
export function toMessage(event: CarriedEvent, replies: number): { content: Buffer; options: Options.Publish } {
  const headers: Record<string, string | number> = { [repliesHeader]: replies };
  for (const name in event.attributes) headers[headerOf(name)] = event.attributes[name] as string;
  // Not the message's own property: that holds 255 bytes, a media type may have more.
  if (event.contentType !== undefined) headers[contentTypeHeader] = event.contentType;
  const traceparent = currentTraceparent();
  if (traceparent !== undefined) headers[traceparentHeader] = traceparent;
  return { content: event.body, options: { headers, persistent: true } };
}

/** Undefined when the message is no valid event, which only somebody else can have put into the queue. */
export function readMessage({ content, properties }: Message): { event: CarriedEvent; replies: number } | undefined {
  const all: Record<string, string> = {};
  const headers: Record<string, unknown> = properties.headers ?? {};
  for (const header in headers) {
    if (!header.startsWith(prefix) && !header.startsWith(otherPrefix)) continue;
    const name = header.slice(prefix.length);
    const value = toText(headers[header]);
    if (value === undefined || !/^[a-z0-9]+$/.test(name) || Object.hasOwn(all, name)) return undefined;
    all[name] = value;
  }
  const { datacontenttype: contentType, ...attributes } = all;
  try {
    checkAttributes(attributes, contentType, deadLetterLengthMax);
  } catch (error) {
    if (error instanceof InvalidEvent) return undefined;
    throw error;
  }
  const replies = Number(headers[repliesHeader] ?? 0);
  const traceparent = headers[traceparentHeader];
  const event = { attributes, contentType, body: content };
  return { event: typeof traceparent === 'string' ? { ...event, traceparent } : event, replies };
}

/** Both forms that section 3.1.3.2 of the binding has: the canonical text, which is what we write, and AMQP's own types. */
function toText(value: unknown): string | undefined {
  if (typeof value === 'string') return value;
  if (typeof value === 'boolean' || Number.isSafeInteger(value)) return String(value);
  if (Buffer.isBuffer(value)) return value.toString('base64');
  // How amqplib reads a timestamp, which AMQP 0-9-1 has in whole seconds.
  const { '!': type, value: seconds } = (value ?? {}) as { '!'?: unknown; value?: unknown };
  if (type !== 'timestamp' || typeof seconds !== 'number' || !(seconds >= 0 && seconds < 253_402_300_800))
    return undefined;
  return new Date(seconds * 1_000).toISOString();
}

/** What the dead-letter sink gets for a message that is no event: one that says so, with the message's body as its data. */
export function toUnreadable({ content }: Message, broker: string): CarriedEvent {
  return {
    attributes: {
      specversion: '1.0',
      id: createHash('sha256').update(content).digest('hex'), // The same each time that it is read.
      source: `/${broker}/broker`,
      type: 'com.microbank.message.unreadable',
      time: new Date().toISOString(),
    },
    contentType: 'application/octet-stream',
    body: content,
  };
}
