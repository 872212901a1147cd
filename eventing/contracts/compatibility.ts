// Says what a change of a released schema would break. What breaks is a new type or version beside the old one, not a change.
import { storablePattern } from '../../functions/shared/contract/bounded-text.ts';
import { momentLengthMax } from '../../functions/shared/contract/paging.ts';
import { portablePattern } from '../../functions/shared/contract/portable-pattern.ts';
import type { DataSchema, Json } from '../events/data-schemas.ts';

type Direction = DataSchema['direction'];
type Limits = Record<string, 'raise' | 'lower'>;

/** Which way a limit goes when more values fit. */
const limits: Limits = {
  minimum: 'lower',
  exclusiveMinimum: 'lower',
  minLength: 'lower',
  minItems: 'lower',
  maximum: 'raise',
  exclusiveMaximum: 'raise',
  maxLength: 'raise',
  maxItems: 'raise',
};

/**
 * One line per break, starting with the JSON Pointer of the field; none when every reader of the released schema can live with
 * the current one. Of an event, fields that were released stay as they are and new ones may come. Of a command, every value that
 * was taken still is: fields may become optional or wider, and new ones have to be optional.
 */
export function findBreaks(released: Json, current: Json, direction: Direction, pointer = ''): string[] {
  const [was, is] = [normalise(released), normalise(current)];
  return [
    ...compareSets(was.types, is.types, direction, `${pointer}: type`),
    ...compareSets(was.values, is.values, direction, `${pointer}: enum`),
    ...compareLimits(was, is, direction, pointer),
    ...compareFields(was.schema, is.schema, direction, pointer),
    ...compareInside(was.schema.items, is.schema.items, direction, `${pointer}/*`),
  ];
}

type Normal = { types: Set<string>; values: Set<string> | undefined; schema: Json };

/** Zod writes "or null" in two ways, and a union as `anyOf`: here all are one schema with several types. */
function normalise(schema: Json): Normal {
  const { anyOf, ...rest } = schema;
  const branches = ((anyOf as Json[] | undefined) ?? []).flatMap(branchesOf);
  const types = new Set([schema, ...branches].flatMap(({ type }) => (type as string | string[] | undefined) ?? []));
  // Of the branches at most one has limits of its own for a type; this bank's schemas need no more.
  const merged: Json = Object.assign({}, ...branches, rest) as Json;
  const values = merged.enum ?? (merged.const === undefined ? undefined : [merged.const]);
  return {
    types,
    values: values && new Set((values as unknown[]).map((value) => JSON.stringify(value))),
    schema: merged,
  };
}

/** A union in a union is one: of an id that may be text as well, or null. */
function branchesOf(schema: Json): Json[] {
  const { anyOf, ...rest } = schema;
  return anyOf === undefined ? [schema] : [rest, ...(anyOf as Json[]).flatMap(branchesOf)];
}

function compareSets(
  was: Set<string> | undefined,
  is: Set<string> | undefined,
  direction: Direction,
  what: string,
): string[] {
  const lost = [...(was ?? [])].filter((value) => is && !is.has(value));
  const added = [...(is ?? [])].filter((value) => was && !was.has(value));
  const breaks = lost.map((value) => `${what} no longer has ${value}`);
  if (direction === 'given')
    breaks.push(...added.map((value) => `${what} now has ${value}, which readers do not expect`));
  if (was && !is && direction === 'given') breaks.push(`${what} may now be anything`);
  if (!was && is && what.endsWith('enum')) breaks.push(`${what} is now limited to ${[...is].join(', ')}`);
  return breaks;
}

const limitsOfText: readonly string[] = ['minLength', 'maxLength', 'pattern', 'format'];

function compareLimits(before: Normal, now: Normal, direction: Direction, pointer: string): string[] {
  const [was, is] = [before.schema, now.schema];
  const breaks: string[] = [];
  for (const name of [...Object.keys(limits), 'pattern', 'format']) {
    // Text that may come instead now was not taken at all before.
    const isNewKind = before.types.size > 0 && !before.types.has('string') && now.types.has('string');
    if (direction === 'taken' && isNewKind && limitsOfText.includes(name)) continue;
    const [from, to] = [was[name], is[name]];
    if (from === to) continue;
    const widens =
      to === undefined ||
      (typeof from === 'number' && typeof to === 'number' && (limits[name] === 'raise' ? to > from : to < from));
    if (direction === 'taken' && (widens || tellsWhatNeverWas(name, was, is))) continue;
    breaks.push(`${pointer}: ${name} was ${show(from)} and is ${show(to)}`);
  }
  return breaks;
}

/**
 * What the first versions did not say, though nothing else was ever taken: no longer moment, since PostgreSQL made a fault of it, and none
 * of other years; no amount below zero or of 10^13; no NUL. And what they said in words that only some readers of a schema have: a pattern with
 * escapes such as `\p{…}` told others nothing, so another may come in its place. None is written so any more (portable-pattern.ts).
 */
function tellsWhatNeverWas(limit: string, was: Json, is: Json): boolean {
  const value = is[limit];
  if (limit === 'pattern' && typeof was.pattern === 'string') return was.pattern.includes('\\');
  if (was[limit] !== undefined) return false;
  if (was.format === 'date-time')
    return limit === 'pattern' || (limit === 'maxLength' && Number(value) >= momentLengthMax);
  if (was.format === 'email') return limit === 'pattern';
  if (limit === 'pattern' && value === portablePattern(storablePattern)) return true;
  const never: Json = { minimum: 0, exclusiveMinimum: 0, exclusiveMaximum: 1e13 };
  return is.exclusiveMaximum === never.exclusiveMaximum && (limit === 'pattern' || never[limit] === value);
}

function show(limit: unknown): string {
  return limit === undefined ? 'not set' : JSON.stringify(limit);
}

function compareFields(was: Json, is: Json, direction: Direction, pointer: string): string[] {
  const [before, now] = [fieldsOf(was), fieldsOf(is)];
  const [neededBefore, neededNow] = [requiredOf(was), requiredOf(is)];
  const breaks: string[] = [];
  for (const [name, field] of Object.entries(before)) {
    const kept = now[name];
    if (!kept) breaks.push(`${pointer}/${name}: is gone`);
    else breaks.push(...findBreaks(field, kept, direction, `${pointer}/${name}`));
  }
  const mustStay = direction === 'given' ? [...neededBefore].filter((name) => now[name] && !neededNow.has(name)) : [];
  breaks.push(...mustStay.map((name) => `${pointer}/${name}: was always there and is now optional`));
  const mustNotCome = direction === 'taken' ? [...neededNow].filter((name) => !neededBefore.has(name)) : [];
  breaks.push(...mustNotCome.map((name) => `${pointer}/${name}: is now required`));
  if (direction === 'taken' && is.additionalProperties === false && was.additionalProperties !== false)
    breaks.push(`${pointer}: other fields are no longer taken`);
  return breaks;
}

function compareInside(was: unknown, is: unknown, direction: Direction, pointer: string): string[] {
  if (was === undefined && is === undefined) return [];
  return findBreaks((was ?? {}) as Json, (is ?? {}) as Json, direction, pointer);
}

function fieldsOf(schema: Json): Record<string, Json> {
  return (schema.properties ?? {}) as Record<string, Json>;
}

function requiredOf(schema: Json): Set<string> {
  return new Set((schema.required ?? []) as string[]);
}
