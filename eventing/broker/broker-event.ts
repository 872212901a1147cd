// A CloudEvent on its way through the broker: read from HTTP in either content mode, written in binary mode.
import type { IncomingHttpHeaders } from 'node:http';
import { decodeHeaderValue, encodeHeaderValue } from '../events/cloudevent.ts';

/** The data stays the bytes that came, so nothing in it is lost on the way. */
export type BrokerEvent = {
  /** Context attributes and extensions by their own names, without `datacontenttype`. */
  attributes: Readonly<Record<string, string>>;
  contentType: string | undefined;
  body: Buffer;
};

export class InvalidEvent extends Error {}

/** Undefined when the message is no CloudEvent at all; throws InvalidEvent when it means to be one and is not valid. */
export function readEvent(
  headers: IncomingHttpHeaders | Readonly<Record<string, string | string[] | undefined>>,
  body: Buffer,
) {
  const contentType = typeof headers['content-type'] === 'string' ? headers['content-type'] : undefined;
  const mediaType = contentType?.split(';', 1)[0]?.trim().toLowerCase();
  if (mediaType?.startsWith('application/cloudevents-batch'))
    throw new InvalidEvent('batches are not taken; send one event per request');
  if (mediaType?.startsWith('application/cloudevents')) return readStructured(mediaType, body);
  if (!('ce-specversion' in headers)) return undefined;
  return readBinary(headers, contentType, body);
}

/** Binary mode: attributes as headers, percent-encoded where HTTP needs it. */
export function writeHeaders(event: BrokerEvent): Record<string, string> {
  const headers: Record<string, string> = {};
  if (event.contentType !== undefined) headers['content-type'] = event.contentType;
  for (const name in event.attributes) headers[`ce-${name}`] = encodeHeaderValue(event.attributes[name] as string);
  return headers;
}

function readBinary(headers: IncomingHttpHeaders, contentType: string | undefined, body: Buffer): BrokerEvent {
  const attributes: Record<string, string> = {};
  for (const header in headers) {
    if (!header.startsWith('ce-')) continue;
    const value = String(headers[header]);
    if (/[^\t -~]/.test(value)) throw new InvalidEvent(`${header} has characters that must be percent-encoded`);
    attributes[header.slice(3)] = decodeHeaderValue(value);
  }
  if (attributes.datacontenttype !== undefined)
    throw new InvalidEvent('in binary mode datacontenttype is the Content-Type header');
  checkAttributes(attributes, contentType);
  return { attributes, contentType, body };
}

function readStructured(mediaType: string, body: Buffer): BrokerEvent {
  if (mediaType !== 'application/cloudevents' && mediaType !== 'application/cloudevents+json') {
    throw new InvalidEvent(`${mediaType} is not taken; use application/cloudevents+json`);
  }
  const { data, data_base64, ...members } = parseKeepingNumbers(body);
  const attributes: Record<string, string> = {};
  for (const [name, value] of Object.entries(members)) {
    const text = toAttribute(value);
    if (text === null) continue;
    if (text === undefined) throw new InvalidEvent(`${name.slice(0, 100)} must be a string, a number or a boolean`);
    attributes[name] = text;
  }
  const { datacontenttype, ...rest } = attributes;
  if (/[^ -~]/.test(datacontenttype ?? '')) throw new InvalidEvent('datacontenttype is not a media type');
  checkAttributes(rest, datacontenttype);
  return { attributes: rest, ...dataOf(data, data_base64, datacontenttype) };
}

/** Numbers keep the digits they came with: 10000000000000.001 must not arrive as another amount. */
function parseKeepingNumbers(body: Buffer): Record<string, unknown> {
  let parsed: unknown;
  try {
    parsed = JSON.parse(body.toString('utf8'), keepDigits);
  } catch (cause) {
    throw new InvalidEvent('the body is not JSON', { cause });
  }
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed))
    throw new InvalidEvent('the body is not a JSON object');
  return parsed as Record<string, unknown>;
}

// ECMAScript 2026; in Node 24 but not in the library types of this TypeScript.
const { rawJSON, isRawJSON } = JSON as unknown as {
  rawJSON: (text: string) => object;
  isRawJSON: (value: unknown) => value is { rawJSON: string };
};

function keepDigits(_key: string, value: unknown, context?: { source?: string }): unknown {
  return typeof value === 'number' && context?.source !== undefined ? rawJSON(context.source) : value;
}

/** Null: not set. Undefined: not a value that an attribute can have. */
function toAttribute(value: unknown): string | null | undefined {
  if (value === null || typeof value === 'string') return value;
  if (typeof value === 'boolean') return String(value);
  return isRawJSON(value) ? value.rawJSON : undefined;
}

function dataOf(data: unknown, base64: unknown, type: string | undefined): Pick<BrokerEvent, 'contentType' | 'body'> {
  if (base64 !== undefined) {
    if (data !== undefined || typeof base64 !== 'string')
      throw new InvalidEvent('data_base64 must be a string, and without data');
    return { contentType: type, body: Buffer.from(base64, 'base64') };
  }
  if (data === undefined) return { contentType: type, body: Buffer.alloc(0) };
  const isJson = type === undefined || /^[^;]*[/+]json\s*(;|$)/i.test(type);
  const text = !isJson && typeof data === 'string' ? data : JSON.stringify(data);
  return { contentType: type ?? 'application/json', body: Buffer.from(text) };
}

/** A server takes 16 KiB of headers; its 431 for more would count as delivered. Leaves room for `knativeerrordata`. */
const attributesMaxLength = 8_192;

const rfc3339 = /^\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)$/;

function checkAttributes(attributes: Readonly<Record<string, string>>, contentType: string | undefined): void {
  checkLength(attributes, contentType);
  if (attributes.specversion !== '1.0') throw new InvalidEvent('specversion must be 1.0');
  for (const name of ['id', 'source', 'type']) if (!attributes[name]) throw new InvalidEvent(`${name} is missing`);
  if (attributes.time !== undefined && !rfc3339.test(attributes.time))
    throw new InvalidEvent('time is not an RFC 3339 date-time');
  for (const name in attributes)
    if (!/^[a-z0-9]+$/.test(name)) throw new InvalidEvent(`${name} is not a valid attribute name`);
}

/** Before anything else looks at them: a structured event may bring a megabyte of them. */
function checkLength(attributes: Readonly<Record<string, string>>, contentType = ''): void {
  let length = contentType.length;
  const add = (more: number): void => {
    length += more;
    if (length > attributesMaxLength)
      throw new InvalidEvent(`the attributes have more than ${attributesMaxLength} characters`);
  };
  for (const name in attributes) {
    const value = attributes[name] as string;
    add(name.length + value.length);
    // What is encoded is no shorter than it was.
    add(encodeHeaderValue(value).length - value.length);
  }
}
