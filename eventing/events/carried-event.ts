// A CloudEvent on its way: read from HTTP in either content mode, written in binary mode. The one decoder: functions, both brokers and
// dead letters read with it, so that what one of them takes for one event the others do as well.
import { isUtf8 } from 'node:buffer';
import type { IncomingHttpHeaders } from 'node:http';
import { isInteger } from './attribute-types.ts';
import { checkAttributes, checkCount, checkName, type Attributes } from './attributes.ts';
import { decodeBase64 } from './base64.ts';
import { decodeHeaderValue, encodeHeaderValue } from './header-value.ts';
import { InvalidEvent } from './invalid-event.ts';
import { measureJson } from './json-shape.ts';
import { essenceOf, isInUtf8, isJsonType } from './media-type.ts';

/** The data stays the bytes that came, so nothing in it is lost on the way. */
export type CarriedEvent = {
  attributes: Attributes;
  /** `datacontenttype`. */
  contentType: string | undefined;
  body: Buffer;
  /** The span in which a broker was given it, for that of the delivery; only where tracing is on. */
  traceparent?: string | undefined;
};

export type EventHeaders = IncomingHttpHeaders | Readonly<Record<string, string | string[] | undefined>>;

/** Far more than anything of ours has, far less than what JSON.stringify can write again before its stack is full. */
const jsonLevelsMax = 1_000;

/** Undefined when the message is no CloudEvent at all; throws InvalidEvent when it means to be one and is not valid. */
export function readEvent(headers: EventHeaders, body: Buffer): CarriedEvent | undefined {
  const contentType = typeof headers['content-type'] === 'string' ? headers['content-type'] : undefined;
  const mode = modeOf(headers);
  if (mode === undefined) return undefined;
  if (!isPlain(headers))
    throw new InvalidEvent('send the event without content-encoding, and without compressing its transfer', {
      status: 415,
    });
  if (mode === 'batch') throw new InvalidEvent('batches are not taken; send one event per request');
  return mode === 'structured' ? readStructured(contentType as string, body) : readBinary(headers, contentType, body);
}

/** False when the bytes of the body are not the event's own: a broker would pass them on without the header that says so. */
export function isPlain({
  'content-encoding': content = '',
  'transfer-encoding': transfer = '',
}: EventHeaders): boolean {
  return /^(identity)?$/i.test(String(content).trim()) && /^(chunked)?$/i.test(String(transfer).trim());
}

/** How a message carries an event, if it was meant as one at all, a broken one included. */
export function modeOf(headers: EventHeaders): 'binary' | 'structured' | 'batch' | undefined {
  const mediaType = essenceOf(typeof headers['content-type'] === 'string' ? headers['content-type'] : '');
  if (mediaType.startsWith('application/cloudevents-batch')) return 'batch';
  if (mediaType.startsWith('application/cloudevents')) return 'structured';
  return ['specversion', 'id', 'source', 'type'].some((name) => headers[`ce-${name}`] !== undefined)
    ? 'binary'
    : undefined;
}

/** Binary mode: attributes as headers, percent-encoded where HTTP needs it. */
export function writeHeaders(event: CarriedEvent): Record<string, string> {
  const headers: Record<string, string> = {};
  if (event.contentType !== undefined) headers['content-type'] = event.contentType;
  for (const name in event.attributes) headers[`ce-${name}`] = encodeHeaderValue(event.attributes[name] as string);
  return headers;
}

function readBinary(headers: EventHeaders, contentType: string | undefined, body: Buffer): CarriedEvent {
  const attributes: Record<string, string> = {};
  for (const header in headers) {
    if (!header.startsWith('ce-')) continue;
    checkName(header.slice(3));
    attributes[header.slice(3)] = decodeHeaderValue(header, String(headers[header]));
  }
  if (attributes.datacontenttype !== undefined)
    throw new InvalidEvent('in binary mode datacontenttype is the Content-Type header');
  checkAttributes(attributes, contentType);
  return { attributes, contentType, body };
}

function readStructured(contentType: string, body: Buffer): CarriedEvent {
  const mediaType = essenceOf(contentType);
  if (mediaType !== 'application/cloudevents' && mediaType !== 'application/cloudevents+json')
    throw new InvalidEvent(`${mediaType.slice(0, 100)} is not taken; use application/cloudevents+json`);
  if (!isInUtf8(contentType)) throw new InvalidEvent('a structured event is JSON in UTF-8', { status: 415 });
  const parsed = parseStructured(body);
  checkCount(Object.keys(parsed).length);
  const { data, data_base64: base64, ...members } = parsed;
  const attributes: Record<string, string> = {};
  for (const [name, value] of Object.entries(members)) {
    checkName(name);
    const text = toAttribute(name, value);
    if (text !== undefined) attributes[name] = text;
  }
  const { datacontenttype, ...rest } = attributes;
  checkAttributes(rest, datacontenttype);
  return { attributes: rest, ...dataOf(data, base64, datacontenttype) };
}

/**
 * The members of a structured event. Numbers keep the digits they came with, for `JSON.stringify` to write again: 10000000000000.001
 * must not arrive as another amount. Throws InvalidEvent for what is no JSON object in UTF-8, or names a member twice: JSON.parse keeps
 * the last one, others the first, and one of them would see another event.
 */
export function parseStructured(body: Buffer): Record<string, unknown> {
  if (!isUtf8(body)) throw new InvalidEvent('the body is not UTF-8');
  const text = body.toString('utf8');
  const { depth, fields } = measureJson(text, jsonLevelsMax);
  if (depth > jsonLevelsMax) throw new InvalidEvent(`the JSON is nested deeper than ${jsonLevelsMax} levels`);
  let parsed: unknown;
  try {
    parsed = JSON.parse(text, keepDigits);
  } catch (cause) {
    throw new InvalidEvent('the body is not JSON', { cause });
  }
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed))
    throw new InvalidEvent('the body is not a JSON object');
  if (countFields(parsed) !== fields) throw new InvalidEvent('the JSON names a member more than once');
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

function countFields(value: unknown): number {
  if (typeof value !== 'object' || value === null || isRawJSON(value)) return 0;
  const items = Object.values(value);
  return items.reduce((sum: number, item) => sum + countFields(item), Array.isArray(value) ? 0 : items.length);
}

/** Undefined: not set. */
function toAttribute(name: string, value: unknown): string | undefined {
  if (value === null) return undefined;
  if (typeof value === 'string') return value;
  if (typeof value === 'boolean') return String(value);
  if (isRawJSON(value) && isInteger(value.rawJSON)) return value.rawJSON;
  throw new InvalidEvent(`${name} must be a string, a boolean or a whole number of 32 bits`);
}

function dataOf(data: unknown, base64: unknown, type: string | undefined): Pick<CarriedEvent, 'contentType' | 'body'> {
  if (base64 !== undefined) {
    if (data !== undefined || typeof base64 !== 'string')
      throw new InvalidEvent('data_base64 must be a string, and without data');
    const body = decodeBase64(base64);
    if (!body) throw new InvalidEvent('data_base64 is not Base64 with its padding (RFC 4648, section 4)');
    return { contentType: type, body };
  }
  if (data === undefined) return { contentType: type, body: Buffer.alloc(0) };
  const text = !isJsonType(type) && typeof data === 'string' ? data : JSON.stringify(data);
  return { contentType: type ?? 'application/json', body: Buffer.from(text) };
}
