// A CloudEvent from an HTTP request, binary or structured: attributes checked by the SDK, data parsed without losing digits.
import { CloudEvent } from 'cloudevents';
import type { IncomingHttpHeaders } from 'node:http';
import { decodeHeaderValue } from '../../../eventing/events/cloudevent.ts';
import { Refusal } from '../contract/errors.ts';
import type { IncomingEvent } from '../handler/event.ts';
import { isStorable, parseJson } from './json.ts';

export type EventMode = 'binary' | 'structured';
type Attributes = Record<string, string>;

/** `id` and `source` become an idempotency key, so they have the limits of one. */
const idLengthMax = 255;
/** Of `source` and `dataschema`: the SDK's expressions for addresses take more than linear time. */
const addressLengthMax = 1_024;
/** As much as a problem tells of an attribute that somebody else has named. */
const reasonLengthMax = 200;
/** Attributes with a place of their own in an IncomingEvent, or of no use to a handler. */
export const ownAttributes: ReadonlySet<string> = new Set(
  'specversion id source type subject time datacontenttype dataschema traceparent'.split(' '),
);
const structuredType = /^application\/cloudevents\+json\b/i;

/** True for whatever was meant as an event, a broken one too: those must not be answered like a person's request. */
export function isEventRequest(headers: IncomingHttpHeaders): boolean {
  if (headers['ce-specversion'] !== undefined || headers['ce-id'] !== undefined) return true;
  if (headers['ce-type'] !== undefined || headers['ce-source'] !== undefined) return true;
  return /^application\/cloudevents/i.test(headers['content-type'] ?? '');
}

export function eventModeOf(headers: IncomingHttpHeaders): EventMode {
  return structuredType.test(headers['content-type'] ?? '') ? 'structured' : 'binary';
}

/** Throws a `cloudevent_invalid` Refusal for what is no CloudEvent 1.0, naming the attribute. */
export function readEvent(headers: IncomingHttpHeaders, body: Buffer): IncomingEvent {
  const { attributes, data } = eventModeOf(headers) === 'structured' ? readStructured(body) : readBinary(headers, body);
  checkAttributes(attributes);
  const { id = '', source = '', type = '', subject, time, traceparent } = attributes;
  const extensions = Object.fromEntries(Object.entries(attributes).filter(([name]) => !ownAttributes.has(name)));
  return { id, source, type, subject, time, data, traceparent, extensions };
}

function readBinary(headers: IncomingHttpHeaders, body: Buffer): { attributes: Attributes; data: unknown } {
  const attributes: Attributes = {};
  for (const [name, value] of Object.entries(headers)) {
    if (name.startsWith('ce-') && typeof value === 'string') attributes[name.slice(3)] = decodeHeaderValue(value);
  }
  const contentType = headers['content-type'];
  if (contentType !== undefined) attributes['datacontenttype'] = contentType;
  return { attributes, data: readData(contentType, body) };
}

function readStructured(body: Buffer): { attributes: Attributes; data: unknown } {
  const event = parseJson(body);
  if (typeof event !== 'object' || event === null || Array.isArray(event))
    throw invalid('a structured event is a JSON object');
  const { data, data_base64: base64, ...rest } = event as Record<string, unknown>;

  const attributes: Attributes = {};
  for (const [name, value] of Object.entries(rest)) {
    if (value === null) continue;
    const isSimple = typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
    if (!isSimple) throw invalid(`attribute ${name.slice(0, 40)} is not a simple value`);
    attributes[name] = String(value);
  }
  if (base64 === undefined) return { attributes, data };
  if (data !== undefined || typeof base64 !== 'string') throw invalid('an event has either data or data_base64');
  return { attributes, data: readData(attributes['datacontenttype'], Buffer.from(base64, 'base64')) };
}

function readData(contentType: string | undefined, body: Buffer): unknown {
  if (body.length === 0) return undefined;
  const isJson = contentType === undefined || /^[\w.-]+\/([\w.-]+\+)?json\b/i.test(contentType);
  return isJson ? parseJson(body) : body.toString('utf8');
}

function checkAttributes(attributes: Attributes) {
  for (const name of ['specversion', 'id', 'source', 'type']) {
    if (attributes[name] === undefined || attributes[name] === '') throw invalid(`attribute ${name} is missing`);
  }
  // The SDK lets an unknown version pass.
  if (attributes['specversion'] !== '1.0') throw invalid('specversion is not 1.0');
  const { id = '', source = '', dataschema = '' } = attributes;
  if (id.length > idLengthMax || source.length > addressLengthMax || dataschema.length > addressLengthMax)
    throw invalid(`id has at most ${idLengthMax} characters, source and dataschema ${addressLengthMax}`);
  if (!Object.values(attributes).every(isStorable)) throw invalid('an attribute holds a NUL or half a surrogate pair');
  try {
    new CloudEvent(attributes, true);
  } catch (error) {
    const reason = reasonOf(error).slice(0, reasonLengthMax);
    throw new Refusal('cloudevent_invalid', 400, `not a valid CloudEvent 1.0: ${reason}`, { cause: error });
  }
}

function reasonOf(error: unknown): string {
  const { errors, message } = error as { errors?: { instancePath?: string; message?: string }[]; message?: string };
  const [first] = Array.isArray(errors) ? errors : [];
  return first ? `${(first.instancePath ?? '').slice(1)} ${first.message ?? ''}`.trim() : String(message);
}

function invalid(detail: string): Refusal {
  return new Refusal('cloudevent_invalid', 400, detail);
}
