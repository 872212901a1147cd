// Reads an event of whatever shape, for dead-letter: what it refuses is gone. Nothing is checked, and the data stay the bytes they are.
import { createHash } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { decodeHeaderValue } from '../../../eventing/events/cloudevent.ts';
import type { IncomingEvent } from '../handler/event.ts';
import { eventModeOf, ownAttributes } from './event.ts';
import { measureJson } from './json.ts';

/** An event has up to 1 MiB; the rest is for attributes in structured mode. */
export const anyEventBytesMax = 1_152 * 1024;

/** Far more than anything of ours, far less than what JSON.stringify can write again before its stack is full. */
const depthMax = 1_000;

type Attributes = Record<string, string>;
type Read = { attributes: Attributes; contentType: string | undefined; body: Buffer };

/** Never throws. An event without an id gets one made of its content, so that two of them are two. */
export function readAnyEvent(headers: IncomingHttpHeaders, sent: Buffer): IncomingEvent {
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
    raw: { contentType, dataschema, body },
  };
}

function readBinary(headers: IncomingHttpHeaders, body: Buffer): Read {
  const attributes: Attributes = {};
  for (const [name, value] of Object.entries(headers)) {
    if (name.startsWith('ce-')) attributes[name.slice(3)] = decodeHeaderValue(String(value));
  }
  return { attributes, contentType: headers['content-type'], body };
}

/** Undefined for what is no JSON object, or too deep a one: then the body is all there is, and is kept. */
function readStructured(sent: Buffer): Read | undefined {
  const json = sent.toString('utf8');
  if (measureJson(json, depthMax).depth > depthMax) return undefined;
  let event: unknown;
  try {
    event = JSON.parse(json);
  } catch {
    return undefined;
  }
  if (typeof event !== 'object' || event === null || Array.isArray(event)) return undefined;
  const { data, data_base64: base64, ...members } = event as Record<string, unknown>;
  const attributes: Attributes = {};
  for (const [name, value] of Object.entries(members)) {
    if (value !== null) attributes[name] = typeof value === 'string' ? value : JSON.stringify(value);
  }
  const contentType = attributes['datacontenttype'] ?? 'application/json';
  if (typeof base64 === 'string') return { attributes, contentType, body: Buffer.from(base64, 'base64') };
  const isText = typeof data === 'string' && !isJsonType(contentType);
  const text = data === undefined ? '' : isText ? data : JSON.stringify(data);
  return { attributes, contentType, body: Buffer.from(text) };
}

export function isJsonType(contentType: string | undefined): boolean {
  return contentType === undefined || /^[\w.-]+\/([\w.-]+\+)?json\b/i.test(contentType);
}
