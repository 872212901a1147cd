// An attribute's text as an HTTP header and back: section 3.1.3.2 of the CloudEvents HTTP binding 1.0.2. The SDK does neither.
import { isUtf8 } from 'node:buffer';
import { InvalidEvent } from './invalid-event.ts';

/** Percent-encodes what a header cannot carry. What is no well-formed text never gets here: attributes.ts refuses it. */
export function encodeHeaderValue(value: string): string {
  if (/^[!#$&-~]*$/.test(value)) return value;
  return Array.from(value.toWellFormed(), (character) =>
    /^[!#$&-~]$/.test(character) ? character : encodeURIComponent(character),
  ).join('');
}

/**
 * First out of double quotes (RFC 9110, 5.6.4), which senders of before 1.0.1 wrote around spaces, then out of percent-encoding, once.
 * Text beyond ASCII is read as UTF-8: the binding forbids it, and Go's SDK, and with it Knative's Broker, writes the text of a structured
 * event to headers as it is. Throws InvalidEvent for bytes that are no UTF-8, and for a percent sign or a quote that begins nothing:
 * guessing would make one id of two.
 */
export function decodeHeaderValue(name: string, value: string): string {
  if (/^[!#$&-~]*$/.test(value)) return value;
  const text = value.startsWith('"') ? unquote(name, value) : value;
  return /^[ -$&-~]*$/.test(text) ? text : decodeBytes(name, text);
}

function unquote(name: string, value: string): string {
  const [, quoted] = /^"((?:[^"\\]|\\.)*)"$/.exec(value) ?? [];
  if (quoted === undefined)
    throw new InvalidEvent(`${name} begins with a double quote and does not end with one; write %22 for the character`);
  return quoted.replaceAll(/\\(.)/g, '$1');
}

/** Node gives a header's bytes as one character each. */
function decodeBytes(name: string, text: string): string {
  if (/%(?![0-9A-Fa-f]{2})/.test(text))
    throw new InvalidEvent(`${name} has a percent sign without two hexadecimal digits; write %25 for the character`);
  const bytes = Buffer.from(
    text.replaceAll(/%([0-9A-Fa-f]{2})/g, (_match, digits: string) => String.fromCharCode(parseInt(digits, 16))),
    'latin1',
  );
  if (!isUtf8(bytes) || /[^\0-\u00ff]/.test(text))
    throw new InvalidEvent(`${name} is not UTF-8; write characters beyond ASCII as percent-encoded UTF-8`);
  return bytes.toString('utf8');
}
