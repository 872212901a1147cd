// Events drawn at random for property tests: valid ones with attributes of every type, and messages that may be anything.
import fc from 'fast-check';
import { writeHeaders, type CarriedEvent } from '../../events/carried-event.ts';
import type { Message } from './doors.ts';

/** Attributes as JSON has them. */
export type TypedEvent = {
  attributes: Readonly<Record<string, string | boolean | number>>;
  contentType: string | undefined;
  body: Buffer;
};

const isAllowed = (text: string): boolean =>
  text.isWellFormed() && !/[\0-\u001f\u007f-\u009f\ufdd0-\ufdef]|\p{Noncharacter_Code_Point}/u.test(text);
/** The type String: anything that can be read, spaces at the ends and signs that headers use for themselves among it. */
const anyString = fc
  .oneof(
    { weight: 3, arbitrary: fc.string({ unit: 'binary', maxLength: 40 }) },
    {
      weight: 2,
      arbitrary: fc.string({ unit: fc.constantFrom('%', '"', '\\', ' ', 'a', '4', '1', 'ü', '😀'), maxLength: 20 }),
    },
    { weight: 1, arbitrary: fc.string({ maxLength: 40 }) },
  )
  .map((text) => Array.from(text.toWellFormed()).filter(isAllowed).join(''));
const filled = anyString.filter((text) => text !== '');

const anyUri = fc.oneof(
  fc.webUrl({ withQueryParameters: true, withFragments: true }),
  fc.uuid().map((uuid) => `urn:uuid:${uuid}`),
  fc.constantFrom('https://[::1]:8080/a', 'mailto:somebody@example.com', 'https://example.com/%C3%BC'),
);
const anyUriReference = fc.oneof(
  anyUri,
  fc.webPath().filter((path) => path !== '' && !path.startsWith('//')),
  fc.constantFrom('/s', 'a/b', '../a', '?a', '#a', '//example.com/a'),
);
const twoDigits = (number: number): string => String(number).padStart(2, '0');
const anyTimestamp = fc
  .record({
    date: fc.date({
      min: new Date('0001-01-01T00:00:00Z'),
      max: new Date('9999-12-30T00:00:00Z'),
      noInvalidDate: true,
    }),
    fraction: fc.oneof(
      fc.constant(''),
      fc.nat(999_999_999).map((digits) => `.${digits}`),
    ),
    offset: fc.oneof(fc.constantFrom('Z', 'z'), fc.integer({ min: -1_439, max: 1_439 })),
    separator: fc.constantFrom('T', 't'),
  })
  .map(({ date, fraction, offset, separator }) => {
    const [day = '', clock = ''] = date.toISOString().slice(0, 19).split('T');
    const minutes = Math.abs(Number(offset));
    const zone =
      typeof offset === 'string'
        ? offset
        : `${offset < 0 ? '-' : '+'}${twoDigits(Math.floor(minutes / 60))}:${twoDigits(minutes % 60)}`;
    return `${day}${separator}${clock}${fraction}${zone}`;
  });
const anyBinary = fc.uint8Array({ maxLength: 30 }).map((bytes) => Buffer.from(bytes).toString('base64'));

/** Every type of CloudEvents 1.0.2. */
const anyValue = fc.oneof(
  fc.boolean(),
  fc.integer(), // Of 32 bits.
  anyString,
  anyBinary,
  anyUri,
  anyUriReference,
  anyTimestamp,
);
const names = 'specversion id source type subject time dataschema datacontenttype data'.split(' ');
const anyName = fc
  .string({ unit: fc.constantFrom(...Array.from('abcxyz0189')), minLength: 1, maxLength: 20 })
  .filter((name) => !names.includes(name));

const anyData = fc.oneof(
  fc.constant({ contentType: undefined, body: Buffer.alloc(0) }),
  fc
    .json({ maxDepth: 3 })
    .map((json) => ({ contentType: 'application/json', body: Buffer.from(JSON.stringify(JSON.parse(json))) })),
  fc
    .uint8Array({ minLength: 1, maxLength: 200 })
    .map((bytes) => ({ contentType: 'application/octet-stream', body: Buffer.from(bytes) })),
  filled.map((text) => ({ contentType: 'text/plain; charset="utf-8"', body: Buffer.from(text) })),
);

export const anyEvent: fc.Arbitrary<TypedEvent> = fc
  .record({
    id: filled,
    source: anyUriReference,
    type: filled,
    optional: fc.record({ subject: filled, time: anyTimestamp, dataschema: anyUri }, { requiredKeys: [] }),
    extensions: fc.dictionary(anyName, anyValue, { maxKeys: 6 }),
    data: anyData,
  })
  .map(({ id, source, type, optional, extensions, data }) => ({
    attributes: { ...extensions, specversion: '1.0', id, source, type, ...optional },
    ...data,
  }));

/** As its attributes' canonical texts, which is how they are carried. */
export function carried({ attributes, contentType, body }: TypedEvent): CarriedEvent {
  const texts = Object.entries(attributes).map(([name, value]) => [name, String(value)]);
  return { attributes: Object.fromEntries(texts) as Record<string, string>, contentType, body };
}

export function toBinary(event: TypedEvent): Message {
  return { headers: writeHeaders(carried(event)), body: event.body };
}

/** JSON data as JSON, all else as Base64, attributes with JSON's own types. */
export function toStructured({ attributes, contentType, body }: TypedEvent): Message {
  const members = { ...attributes, ...(contentType !== undefined && { datacontenttype: contentType }) };
  const isJson = contentType === 'application/json';
  const data = isJson ? `,"data":${body.toString()}` : `,"data_base64":"${body.toString('base64')}"`;
  return {
    headers: { 'content-type': 'application/cloudevents+json' },
    body: `${JSON.stringify(members).slice(0, -1)}${body.length === 0 ? '' : data}}`,
  };
}

/** What a client can put into a header: no line breaks, whatever else. */
const anyHeader = fc.oneof(
  fc.string({
    unit: fc
      .integer({ min: 0x20, max: 0xff })
      .filter((code) => code !== 0x7f)
      .map((code) => String.fromCharCode(code)),
    maxLength: 20,
  }),
  fc.string({ unit: fc.constantFrom('%', '"', '\\', ' ', 'a', 'C', '3', 'B', 'ü', '\u00bc'), maxLength: 12 }),
  fc.constantFrom('2026-02-30T10:00:00Z', '%C3%BC', '%FF', '"q 1"', '', '1.0', 'a b', '/s', '%00', '%7F'),
);
const headerNames = ['id', 'source', 'type', 'subject', 'time', 'dataschema', 'specversion', 'comexample', 'data'];
const spoiledBinary = fc
  .tuple(
    fc.constantFrom(...headerNames),
    anyHeader,
    fc.constantFrom('application/json', 'text/plain', 'json', 'a/b;', 'a/b; c=d'),
  )
  .map(([name, value, contentType]): Message => ({
    headers: { ...wire, 'content-type': contentType, [`ce-${name}`]: value },
    body: '{}',
  }));
const wire = { 'ce-specversion': '1.0', 'ce-id': '1', 'ce-source': '/s', 'ce-type': 'com.example.border' };

const context = { specversion: '1.0', id: '1', source: '/s', type: 'com.example.border' };
const anyMember = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 12 }),
  fc.jsonValue({ maxDepth: 1 }),
  fc.constantFrom('\ud800', 'a\nb', '/s', 2 ** 31),
);
const spoiledStructured = fc
  .tuple(fc.constantFrom(...headerNames, 'Subject', 'data_base64', 'datacontenttype'), anyMember)
  .filter(([name]) => name !== 'data')
  .map(([name, value]): Message => ({
    headers: { 'content-type': 'application/cloudevents+json' },
    body: JSON.stringify({
      ...context,
      ...(name === 'data_base64' && { datacontenttype: 'text/plain' }),
      [name]: value,
    }),
  }));
/** One byte of it is another one: often no UTF-8, often no JSON. */
const brokenStructured = fc.tuple(fc.nat(60), fc.nat(255)).map(([at, byte]): Message => {
  const body = Buffer.from(JSON.stringify(context));
  body[at] = byte;
  return { headers: { 'content-type': 'application/cloudevents+json' }, body };
});

/** Valid or not, by one thing at most. Its data is none that a function could refuse for itself. */
export const anySpoiledMessage: fc.Arbitrary<Message> = fc.oneof(spoiledBinary, spoiledStructured, brokenStructured);
