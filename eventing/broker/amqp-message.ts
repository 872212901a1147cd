// An event as an AMQP message and back: attributes as headers, which the headers exchange matches, and data as the body.
import { createHash } from 'node:crypto';
import type { Message, Options } from 'amqplib';
import type { BrokerEvent } from './broker-event.ts';

/** As in the CloudEvents binding for AMQP. No attribute has an underscore in its name, so none is mistaken for another. */
const prefix = 'cloudEvents_';
const contentTypeHeader = `${prefix}datacontenttype`;
const repliesHeader = 'replies';

/** The name under which an attribute is a header, for bindings. */
export function headerOf(attribute: string): string {
  return prefix + attribute;
}

/** `replies`: how many replies lie between this event and the one that a sender posted. */
export function toMessage(event: BrokerEvent, replies: number): { content: Buffer; options: Options.Publish } {
  const headers: Record<string, string | number> = { [repliesHeader]: replies };
  for (const name in event.attributes) headers[headerOf(name)] = event.attributes[name] as string;
  // Not the message's own property: that holds 255 bytes, a media type may have more.
  if (event.contentType !== undefined) headers[contentTypeHeader] = event.contentType;
  return { content: event.body, options: { headers, persistent: true } };
}

/** Undefined when the message is no event, which only somebody else can have put into the queue. */
export function readMessage({ content, properties }: Message): { event: BrokerEvent; replies: number } | undefined {
  const attributes: Record<string, string> = {};
  const headers: Record<string, unknown> = properties.headers ?? {};
  for (const header in headers) {
    if (!header.startsWith(prefix) || header === contentTypeHeader) continue;
    const name = header.slice(prefix.length);
    const value = headers[header];
    if (typeof value !== 'string' || !/^[a-z0-9]+$/.test(name)) return undefined;
    attributes[name] = value;
  }
  const { specversion, id, source, type } = attributes;
  const contentType = headers[contentTypeHeader];
  if (specversion !== '1.0' || !id || !source || !type) return undefined;
  if (contentType !== undefined && (typeof contentType !== 'string' || /[^ -~]/.test(contentType))) return undefined;
  const replies = Number(headers[repliesHeader] ?? 0);
  return { event: { attributes, contentType: contentType, body: content }, replies };
}

/** What the dead-letter sink gets for a message that is no event: one that says so, with the message's body as its data. */
export function toUnreadable({ content }: Message, broker: string): BrokerEvent {
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
