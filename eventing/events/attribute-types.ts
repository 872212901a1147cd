// The attribute types of CloudEvents 1.0.2 ("Type System") as text. Every expression here takes linear time: the text is a stranger's.
import { isIPv6 } from 'node:net';

/** Without control characters, halves of surrogate pairs and noncharacters: what the type String forbids. */
export function isString(text: string): boolean {
  if (/^[ -~]*$/.test(text)) return true;
  return (
    text.isWellFormed() &&
    !/[\0-\u001f\u007f-\u009f\ufdd0-\ufdef]|[\ufffe\uffff]/.test(text) &&
    !farNonCharacter.test(text)
  );
}

/** The last two code points of each plane but the first. */
const farNonCharacter =
  /[\ud83f\ud87f\ud8bf\ud8ff\ud93f\ud97f\ud9bf\ud9ff\uda3f\uda7f\udabf\udaff\udb3f\udb7f\udbbf\udbff][\udffe\udfff]/;

/** -2147483648 to 2147483647, in its one canonical spelling. */
export function isInteger(text: string): boolean {
  return /^(0|-?[1-9]\d{0,9})$/.test(text) && Number(text) >= -(2 ** 31) && Number(text) < 2 ** 31;
}

const hex = '%[0-9A-Fa-f]{2}';
const inName = `[A-Za-z0-9._~!$&'()*+,;=-]`;
const inPath = `(?:[A-Za-z0-9._~!$&'()*+,;=:@/-]|${hex})*`;
const authority = `(?:(?:${inName}|:|${hex})*@)?(?:\\[(?<ip>[^\\]]*)\\]|(?:${inName}|${hex})*)(?::\\d*)?`;
const afterPath = `(?:\\?(?:[A-Za-z0-9._~!$&'()*+,;=:@/?-]|${hex})*)?(?:#(?:[A-Za-z0-9._~!$&'()*+,;=:@/?-]|${hex})*)?`;
const hierarchy = `(?://${authority}(?=[/?#]|$)|(?!//))${inPath}${afterPath}`;
const uri = new RegExp(`^[A-Za-z][A-Za-z0-9+.-]*:${hierarchy}$`);
/** Without a scheme, its first segment has no colon. */
const relative = new RegExp(`^(?![^/?#]*:)${hierarchy}$`);

/** RFC 3986, with a scheme. */
export function isUri(text: string): boolean {
  return matches(uri, text);
}

/** RFC 3986, 4.1. */
export function isUriReference(text: string): boolean {
  return matches(uri, text) || matches(relative, text);
}

function matches(expression: RegExp, text: string): boolean {
  const found = expression.exec(text);
  const ip = found?.groups?.ip;
  return (
    found !== null && (ip === undefined || isIPv6(ip) || /^[vV][0-9A-Fa-f]+\.[A-Za-z0-9._~!$&'()*+,;=:-]+$/.test(ip))
  );
}

const rfc3339 = /^(\d{4})-(\d\d)-(\d\d)[Tt](\d\d):(\d\d):(\d\d)(?:\.\d+)?(?:[Zz]|([+-])(\d\d):(\d\d))$/;

/** RFC 3339, 5.6, and a moment that there is: no 30 February; a 60th second only where leap seconds are, before midnight in UTC. */
export function isTimestamp(text: string): boolean {
  const found = rfc3339.exec(text);
  if (!found) return false;
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = found.slice(1, 7).map(Number);
  const [offsetHour, offsetMinute] = [Number(found[8] ?? 0), Number(found[9] ?? 0)];
  if (month < 1 || month > 12 || day < 1 || day > daysOf(year, month)) return false;
  if (hour > 23 || minute > 59 || second > 60 || offsetHour > 23 || offsetMinute > 59) return false;
  if (second < 60) return true;
  const offset = (offsetHour * 60 + offsetMinute) * (found[7] === '-' ? -1 : 1);
  return (hour * 60 + minute - offset + 2 * 1_440) % 1_440 === 1_439;
}

function daysOf(year: number, month: number): number {
  if (month === 2) return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28;
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
}
