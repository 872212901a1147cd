// Reads an event of whatever shape, for dead-letter: what it refuses is gone. Nothing is checked, and the data stay the bytes they are.
import { createHash } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { decodeBase64 } from '../../../eventing/events/base64.ts';
import { parseStructured } from '../../../eventing/events/carried-event.ts';
import { decodeHeaderValue } from '../../../eventing/events/header-value.ts';
import { InvalidEvent } from '../../../eventing/events/invalid-event.ts';
import { isJsonType } from '../../../eventing/events/media-type.ts';
import { eventModeOf, ownAttributes, type ReadEvent } from './event.ts';

/** An event has up to 1 MiB; the rest is for attributes in structured mode. */
export const anyEventBytesMax = 1_152 * 1024;

type Attributes = Record<string, string>;
type Read = { attributes: Attributes; contentType: string | undefined; body: Buffer };

/** Never throws. An event without an id gets one made of its content, so that two of them are two. */
export function readAnyEvent(headers: IncomingHttpHeaders, sent: Buffer): ReadEvent {
  const structured = eventModeOf(headers) === 'structured' ? readStructured(sent) : undefined;
  const { attributes, contentType, body } = structured ?? readBinary(headers, sent);
  const { id = '', source = '', type = '', subject, time, traceparent, dataschema } = attributes;
  const extensions = Object.fromEntries(Object.entries(attributes).filter(([name]) => !ownAttributes.has(name)));
  return {
    id: id === '' ? `without id: ${createHash('sha256').update(sent).digest('hex')}` : id,
    source,
    type,
    subject,
    time,
    data: undefined,
    traceparent,
    extensions,
    attributes: { ...attributes, datacontenttype: contentType ?? 'application/json' },
    raw: { contentType, dataschema, body },
  };
}

function readBinary(headers: IncomingHttpHeaders, body: Buffer): Read {
  const attributes: Attributes = {};
  for (const [name, value] of Object.entries(headers)) {
    if (name.startsWith('ce-')) attributes[name.slice(3)] = decoded(name, String(value));
  }
  return { attributes, contentType: headers['content-type'], body };
}

/** As everywhere else; what is refused everywhere else is kept as it came. */
function decoded(name: string, value: string): string {
  try {
    return decodeHeaderValue(name, value);
  } catch (error) {
    if (error instanceof InvalidEvent) return value;
    throw error;
  }
}

/** Undefined for what is no JSON object, or too deep a one: then the body is all there is, and is kept. */
function readStructured(sent: Buffer): Read | undefined {
  let event: Record<string, unknown>;
  try {
    event = parseStructured(sent);
  } catch (error) {
    if (error instanceof InvalidEvent) return undefined;
    throw error;
  }
  const { data, data_base64: base64, ...members } = event;
  const attributes: Attributes = {};
  for (const [name, value] of Object.entries(members)) {
    if (value !== null) attributes[name] = typeof value === 'string' ? value : JSON.stringify(value);
  }
  const contentType = attributes['datacontenttype'] ?? 'application/json';
  if (typeof base64 === 'string') {
    const bytes = decodeBase64(base64);
    // What is no Base64 is kept as the text it is, not as the bytes that somebody may make of it.
    return bytes
      ? { attributes, contentType, body: bytes }
      : { attributes, contentType: 'text/plain', body: Buffer.from(base64) };
  }
  const isText = typeof data === 'string' && !isJsonType(contentType);
  const text = data === undefined ? '' : isText ? data : JSON.stringify(data);
  return { attributes, contentType, body: Buffer.from(text) };
}
