// JSON in, without losing a digit or a field: what a double cannot hold keeps its digits, for the schema to refuse.
import { isUtf8 } from 'node:buffer';
import { measureJson } from '../../../eventing/events/json-shape.ts';
import { inputProblemsMax, Refusal, type InputProblem } from '../contract/errors.ts';
import { isExactly } from './exact-number.ts';

/** Arrays and objects inside each other; commands need 1, the bank's own events 3. */
const depthMax = 32;

/**
 * Parses a request body. `1e400`, `10000000000000.001`, `9007199254740993` and `-0` come back as String objects, which no schema
 * takes for text or number and JSON.stringify writes as text; every other number is exact. Throws a 400 `malformed_json` for
 * what is no JSON or names a field twice, and a 422 for text that no database column can hold.
 */
export function parseJson(body: Buffer): unknown {
  if (!isUtf8(body)) throw malformed('the body is not valid UTF-8');
  const text = body.toString('utf8');
  const { depth, fields } = measureJson(text, depthMax);
  if (depth > depthMax) throw malformed(`the body is nested deeper than ${depthMax} levels`);

  let value: unknown;
  try {
    value = mayLoseDigits.test(text) ? JSON.parse(text, keepDigits) : JSON.parse(text);
  } catch (error) {
    throw malformed('the body is not valid JSON', error);
  }
  // JSON.parse keeps the last of two fields with one name; others keep the first, and would see another command here.
  if (countFields(value) !== fields) throw malformed('the body gives a field more than once');
  if (mayHoldUnstorable.test(text)) refuseUnstorable(value);
  return value;
}

/** Any number of 15 significant digits at most survives a double; this may match text as well, which costs only time. */
const mayLoseDigits = /[\d.]{16}|\d[eE]|-0/;

/** Postgres stores neither NUL nor half a surrogate pair, and JSON can bring both only as an escape. */
const mayHoldUnstorable = /\\u(?:0000|[dD][89a-fA-F])/;

function keepDigits(_key: string, value: unknown, context?: { source?: string }): unknown {
  if (typeof value !== 'number' || context?.source === undefined) return value;
  return isExactly(value, context.source) ? value : Object(context.source);
}

function countFields(value: unknown): number {
  if (typeof value !== 'object' || value === null || value instanceof String) return 0;
  const items = Object.values(value);
  return items.reduce((sum: number, item) => sum + countFields(item), Array.isArray(value) ? 0 : items.length);
}

function refuseUnstorable(value: unknown) {
  const errors: InputProblem[] = [];
  collectUnstorable(value, '', errors);
  if (errors.length > 0)
    throw new Refusal('validation_failed', 422, 'the body holds text that cannot be stored', { errors });
}

function collectUnstorable(value: unknown, pointer: string, errors: InputProblem[]) {
  if (errors.length >= inputProblemsMax) return;
  if (typeof value === 'string') {
    if (!isStorable(value)) errors.push({ pointer, detail: 'holds a NUL or half a surrogate pair' });
  } else if (typeof value === 'object' && value !== null) {
    for (const [key, item] of Object.entries(value)) {
      if (!isStorable(key)) errors.push({ pointer, detail: 'holds a field name with a NUL or half a surrogate pair' });
      collectUnstorable(item, `${pointer}/${escapePointer(key)}`, errors);
    }
  }
}

export function isStorable(text: string): boolean {
  return !text.includes('\0') && text.isWellFormed();
}

/** One step of a JSON Pointer (RFC 6901), cut where a caller's own field name would make the answer long. */
export function escapePointer(key: string): string {
  return key.slice(0, 100).toWellFormed().replaceAll('~', '~0').replaceAll('/', '~1');
}

function malformed(detail: string, cause?: unknown): Refusal {
  return new Refusal('malformed_json', 400, detail, { cause });
}
