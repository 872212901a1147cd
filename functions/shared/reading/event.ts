// A CloudEvent from an HTTP request, binary or structured: read and checked as the brokers do, its data parsed without losing digits.
import type { IncomingHttpHeaders } from 'node:http';
import { modeOf, readEvent as readCarried, type CarriedEvent } from '../../../eventing/events/carried-event.ts';
import { InvalidEvent } from '../../../eventing/events/invalid-event.ts';
import { isJsonType } from '../../../eventing/events/media-type.ts';
import { Refusal } from '../contract/errors.ts';
import type { IncomingEvent } from '../handler/event.ts';
import { parseJson } from './json.ts';

export type EventMode = 'binary' | 'structured';

/** With its attributes by their own names, as they came: what a signature is about. */
export type ReadEvent = IncomingEvent & { attributes: Readonly<Record<string, string>> };

/** Attributes with a place of their own in an IncomingEvent, or of no use to a handler. */
export const ownAttributes: ReadonlySet<string> = new Set(
  'specversion id source type subject time datacontenttype dataschema traceparent'.split(' '),
);

/** True for whatever was meant as an event, a broken one too: those must not be answered like a person's request. */
export function isEventRequest(headers: IncomingHttpHeaders): boolean {
  return modeOf(headers) !== undefined;
}

export function eventModeOf(headers: IncomingHttpHeaders): EventMode {
  return modeOf(headers) === 'structured' ? 'structured' : 'binary';
}

/** Throws a `cloudevent_invalid` Refusal for what is no CloudEvent 1.0, naming the attribute, and those of parseJson for its data. */
export function readEvent(headers: IncomingHttpHeaders, body: Buffer): ReadEvent {
  const { attributes: carried, contentType, body: bytes } = orRefuse(() => readCarried(headers, body));
  const attributes = contentType === undefined ? carried : { ...carried, datacontenttype: contentType };
  const { id = '', source = '', type = '', subject, time, traceparent } = attributes;
  const extensions = Object.fromEntries(Object.entries(attributes).filter(([name]) => !ownAttributes.has(name)));
  return { id, source, type, subject, time, data: readData(contentType, bytes), traceparent, extensions, attributes };
}

function orRefuse(read: () => CarriedEvent | undefined): CarriedEvent {
  try {
    const event = read();
    if (event) return event;
  } catch (error) {
    if (!(error instanceof InvalidEvent)) throw error;
    const detail = `not a valid CloudEvent 1.0: ${error.message}`;
    throw new Refusal('cloudevent_invalid', error.status, detail, { cause: error });
  }
  throw new Refusal(
    'cloudevent_invalid',
    400,
    'not a CloudEvent: neither ce-… headers nor application/cloudevents+json',
  );
}

function readData(contentType: string | undefined, body: Buffer): unknown {
  if (body.length === 0) return undefined;
  return isJsonType(contentType) ? parseJson(body) : body.toString('utf8');
}
