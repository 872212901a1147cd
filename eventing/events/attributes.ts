// The one check of an event's attributes: functions, the brokers' front door, replies and what comes out of a queue all pass here.
import { isString, isTimestamp, isUri, isUriReference } from './attribute-types.ts';
import { encodeHeaderValue } from './header-value.ts';
import { InvalidEvent } from './invalid-event.ts';
import { isMediaType } from './media-type.ts';

/** Context attributes and extensions by their own names, without `datacontenttype`. */
export type Attributes = Readonly<Record<string, string>>;

/**
 * Of all attributes as headers. A server takes 16 KiB of headers, and its 431 for more would count as delivered; the rest is for
 * what a dead letter says beside its event (`knativeerrordata`).
 */
const attributesLengthMax = 8_192;
/** As much again of a dead letter's own attributes as `attributesLengthMax` leaves room for. */
export const deadLetterLengthMax = 14_336;
/** `id` becomes an idempotency key, and has its limit. */
const idLengthMax = 255;
/** Of `source` and `dataschema`. */
const addressLengthMax = 1_024;
/** A header's name in AMQP 0-9-1 is a short string of 255 bytes, 12 of them for the binding's prefix. CloudEvents asks for 20 at most. */
const nameLengthMax = 243;
/** As much of a name as an error repeats. */
const nameShownMax = 40;

/** Throws InvalidEvent, naming the attribute and what would be right. `contentType` is `datacontenttype`. */
export function checkAttributes(
  attributes: Attributes,
  contentType: string | undefined,
  lengthMax = attributesLengthMax,
): void {
  checkLength(attributes, contentType, lengthMax);
  for (const name in attributes) {
    checkName(name);
    const value = attributes[name] as string;
    if (!isString(value))
      throw new InvalidEvent(`${shown(name)} has a control character, half a surrogate pair or a noncharacter`);
  }
  const { specversion, id, source, subject, time, dataschema } = attributes;
  if (specversion !== '1.0')
    throw new InvalidEvent(specversion ? 'specversion must be 1.0' : 'attribute specversion is missing');
  for (const name of ['id', 'source', 'type'])
    if (!attributes[name]) throw new InvalidEvent(`attribute ${name} is missing`);
  if ((id as string).length > idLengthMax) throw new InvalidEvent(`id has at most ${idLengthMax} characters`);
  if ((source as string).length > addressLengthMax || (dataschema ?? '').length > addressLengthMax)
    throw new InvalidEvent(`source and dataschema have at most ${addressLengthMax} characters`);
  if (!isUriReference(source as string))
    throw new InvalidEvent('source is not a URI reference (RFC 3986), as /laptop or https://example.com/shop are');
  if (dataschema !== undefined && !isUri(dataschema))
    throw new InvalidEvent('dataschema is not an absolute URI (RFC 3986)');
  if (subject === '') throw new InvalidEvent('subject is empty; leave it out instead');
  if (time !== undefined && !isTimestamp(time))
    throw new InvalidEvent('time is not an RFC 3339 date-time, as 2026-11-22T10:17:00Z is');
  if (contentType !== undefined && !isMediaType(contentType))
    throw new InvalidEvent('datacontenttype is not a media type, as application/json is');
}

/** Before they are taken apart one by one: so many have no room, whatever they hold. */
export function checkCount(count: number): void {
  if (count * headerRest > attributesLengthMax)
    throw new InvalidEvent(`the attributes have more than ${attributesLengthMax} characters, as headers of HTTP`);
}

/** Before a value is set under it: `__proto__` would set none. */
export function checkName(name: string): void {
  if (!/^[a-z0-9]+$/.test(name))
    throw new InvalidEvent(`${shown(name)} is not a valid attribute name: those have small letters and digits only`);
  if (name.length > nameLengthMax)
    throw new InvalidEvent(`${shown(name)}… is too long: an attribute's name has at most ${nameLengthMax} characters`);
  if (name === 'data') throw new InvalidEvent('data is not an attribute');
}

/** The text without what no attribute may hold, for what others have said: a subscriber's answer in `knativeerrordata`. */
export function toAttributeText(text: string): string {
  if (isString(text)) return text;
  return Array.from(text.toWellFormed(), (character) => (isString(character) ? character : ' ')).join('');
}

function checkLength(attributes: Attributes, contentType = '', lengthMax: number): void {
  let length = contentType.length;
  for (const name in attributes) {
    const value = attributes[name] as string;
    length += name.length + value.length + headerRest;
    // What is encoded is no shorter than it was.
    if (length <= lengthMax) length += encodeHeaderValue(value).length - value.length;
    if (length > lengthMax)
      throw new InvalidEvent(`the attributes have more than ${lengthMax} characters, as headers of HTTP`);
  }
  if (length > lengthMax) throw new InvalidEvent(`the attributes have more than ${lengthMax} characters`);
}

/** `ce-`, a colon, a space and the line's end. */
const headerRest = 7;

function shown(name: string): string {
  return toAttributeText(name.slice(0, nameShownMax));
}
