// CloudEvents written by hand in both content modes, so that the suite does not test a broker with the broker's own code.

export type EventToSend = {
  /** Context attributes and extensions by their own names; `datacontenttype` is `contentType`. */
  attributes: Record<string, string>;
  contentType?: string;
  body?: Buffer;
};

export type Message = { headers: Record<string, string>; body: Buffer };

export function toBinary({ attributes, contentType, body = Buffer.alloc(0) }: EventToSend): Message {
  const headers: Record<string, string> = contentType === undefined ? {} : { 'content-type': contentType };
  for (const [name, value] of Object.entries(attributes)) headers[`ce-${name}`] = encode(value);
  return { headers, body };
}

/** JSON data goes in as it is written, anything else as base64. */
export function toStructured({ attributes, contentType, body }: EventToSend): Message {
  const members = Object.entries({
    ...attributes,
    ...(contentType !== undefined && { datacontenttype: contentType }),
  }).map(([name, value]) => `${JSON.stringify(name)}:${JSON.stringify(value)}`);
  if (body && contentType === 'application/json') members.push(`"data":${body.toString()}`);
  else if (body) members.push(`"data_base64":${JSON.stringify(body.toString('base64'))}`);
  return { headers: { 'content-type': 'application/cloudevents+json' }, body: Buffer.from(`{${members.join(',')}}`) };
}

/** The attributes of a delivery in binary mode. Decodes percent-encoding or, for brokers that send it, raw UTF-8. */
export function readAttributes(
  headers: Readonly<Record<string, string | string[] | undefined>>,
): Record<string, string> {
  const attributes: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (name.startsWith('ce-')) attributes[name.slice(3)] = decode(toUtf8(String(value)));
  }
  return attributes;
}

/** Node reads header bytes as Latin-1. */
function toUtf8(header: string): string {
  return Buffer.from(header, 'latin1').toString('utf8');
}

/** A broker that encodes nothing sends a bare `%` as well, and what is no encoding means itself. */
function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** CloudEvents HTTP binding, 3.1.3.2. */
function encode(value: string): string {
  return value.replaceAll(/[^!#$&-~]/gu, (character) => encodeURIComponent(character));
}
