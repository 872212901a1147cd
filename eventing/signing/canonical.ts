// What of an event is signed, written so that every form of the same event gives the same text: binary, structured, out of a dead letter.
import { hash } from 'node:crypto';

/** By their own names, `datacontenttype` among them; what a broker or a redrive may add or lose does not count. */
export type Attributes = Readonly<Record<string, string | undefined>>;

/** Where an event was on its way says nothing of what it is: tracing, the platform's own remarks, and what vouches for it. */
function isSigned(name: string): boolean {
  if (name === 'signature' || name === 'authority') return false;
  return name !== 'traceparent' && name !== 'tracestate' && !name.startsWith('knative');
}

/** SHA-256 of attributes and data. `data` is what the JSON of the event says, undefined for none. */
export function digestOf(attributes: Attributes, data: unknown): Buffer {
  const { datacontenttype, time, ...others } = attributes;
  const pairs: [string, string][] = [['datacontenttype', mediaTypeOf(datacontenttype)]];
  if (time !== undefined) pairs.push(['time', normalTime(time)]);
  for (const name in others) {
    const value = others[name];
    if (value !== undefined && isSigned(name)) pairs.push([name, value]);
  }
  pairs.sort(byName);
  // One line for the attributes: JSON writes a line's end as \n, so none of them can pass for data.
  return hash('sha256', `${JSON.stringify(pairs)}\n${canonicalJson(data)}`, 'buffer');
}

function byName([a]: [string, string], [b]: [string, string]): number {
  return a < b ? -1 : 1;
}

/** Without parameters: brokers add a charset or take it away. JSON where nothing is said, as CloudEvents has it. */
function mediaTypeOf(contentType = 'application/json'): string {
  return (contentType.split(';', 1)[0] as string).trim().toLowerCase();
}

/** The same moment in one spelling: in UTC, without zeros at the end of a fraction. What is no RFC 3339 time stays as it is. */
function normalTime(time: string): string {
  const [, date, clock, fraction = '', zone = ''] =
    /^(\d{4}-\d\d-\d\d)[Tt ](\d\d:\d\d:\d\d)(?:\.(\d{1,30}))?([Zz]|[+-]\d\d:\d\d)$/.exec(time) ?? [];
  if (date === undefined || clock === undefined) return time;
  const moment = zone === 'Z' ? undefined : Date.parse(`${date}T${clock}${zone.toUpperCase()}`);
  if (Number.isNaN(moment)) return time;
  const seconds = moment === undefined ? `${date}T${clock}` : new Date(moment).toISOString().slice(0, 19);
  let end = fraction.length;
  while (end > 0 && fraction[end - 1] === '0') end--;
  return end === 0 ? `${seconds}Z` : `${seconds}.${fraction.slice(0, end)}Z`;
}

/** The library's type leaves out that there is no JSON of undefined. */
const stringify: (value: unknown) => string | undefined = JSON.stringify;

/** JSON with the fields of each object in order, without spaces (RFC 8785, as far as events need it). Empty for no data. */
export function canonicalJson(value: unknown): string {
  // Each event comes through here twice: what is quick to write is not left to JSON.stringify.
  if (typeof value === 'number' && Number.isFinite(value)) return String(value);
  if (typeof value !== 'object' || value === null || value instanceof String) return stringify(value) ?? '';
  if (Array.isArray(value)) {
    let items = '';
    for (const item of value) items += `${items === '' ? '' : ','}${canonicalJson(item) || 'null'}`;
    return `[${items}]`;
  }
  const object = value as Record<string, unknown>;
  let text = '';
  for (const name of Object.keys(object).sort()) {
    const item = canonicalJson(object[name]);
    if (item !== '') text += `${text === '' ? '' : ','}${quoted(name)}:${item}`;
  }
  return `{${text}}`;
}

function quoted(name: string): string {
  return /^[a-z_]*$/.test(name) ? `"${name}"` : JSON.stringify(name);
}
