// Path, query and body values, each checked by its own strict schema, become one command.
import type * as z from 'zod';
import { openCursor, type After } from './cursor.ts';
import { Refusal, type InputProblem } from '../contract/errors.ts';
import { escapePointer, isStorable } from './json.ts';

/** Schemas of one route, made strict once when the function is bound. */
export type CommandSchemas = { params: z.ZodObject; query: z.ZodObject; body: z.ZodObject };
export type Values = Record<string, unknown>;

export type Sent = { routeKey: string; params: Record<string, string>; search: string; body: unknown };
export type ReadCommand = { command: Values; query: Record<string, string>; after: After | undefined };

/** Throws one 422 `validation_failed` that names everything wrong by JSON Pointer; an empty body counts as `{}`. */
export function readCommand(schemas: CommandSchemas, sent: Sent): ReadCommand {
  const errors: InputProblem[] = [];
  const { query, after } = openCursor(sent.routeKey, parseQuery(sent.search, errors));
  const command: Values = {};
  check(schemas.params, sent.params, command, errors);
  check(schemas.query, query, command, errors);
  check(schemas.body, sent.body === undefined ? {} : sent.body, command, errors);
  refuse(errors);
  return { command, query, after };
}

/** A CloudEvent's data holds path and body values side by side; a path that was used as well must not contradict it. */
export function readEventCommand(schemas: CommandSchemas, params: Record<string, string>, data: unknown): Values {
  if (typeof data !== 'object' || data === null || Array.isArray(data))
    refuse([{ pointer: '', detail: 'the data is not an object' }]);
  const errors: InputProblem[] = [];
  const inPath: Values = {};
  const inBody: Values = {};
  for (const [name, value] of Object.entries(data as object)) {
    const part = Object.hasOwn(schemas.params.shape, name) ? inPath : inBody;
    Object.defineProperty(part, name, { value, enumerable: true });
  }
  for (const [name, value] of Object.entries(params)) {
    inPath[name] ??= value;
    if (String(inPath[name]) !== value) errors.push({ pointer: `/${name}`, detail: 'differs from the path' });
  }
  const command: Values = {};
  check(schemas.params, inPath, command, errors);
  check(schemas.query, {}, command, errors);
  check(schemas.body, inBody, command, errors);
  refuse(errors);
  return command;
}

function check(schema: z.ZodObject, input: unknown, command: Values, errors: InputProblem[]) {
  const parsed = schema.safeParse(input);
  if (parsed.success) Object.assign(command, parsed.data);
  else for (const issue of parsed.error.issues) errors.push(...problemsOf(issue));
}

function problemsOf(issue: z.core.$ZodIssue): InputProblem[] {
  const pointer = issue.path.map((step) => `/${escapePointer(String(step))}`).join('');
  if (issue.code !== 'unrecognized_keys') return [{ pointer, detail: issue.message }];
  return issue.keys.map((key) => ({
    pointer: `${pointer}/${escapePointer(key)}`,
    detail: 'is not a field of this request',
  }));
}

function parseQuery(search: string, errors: InputProblem[]): Record<string, string> {
  if (search === '') return {};
  const query: Record<string, string> = Object.create(null) as Record<string, string>;
  for (const [name, value] of new URLSearchParams(search)) {
    if (name in query) errors.push({ pointer: `/${escapePointer(name)}`, detail: 'is given more than once' });
    else if (!isStorable(name + value)) errors.push({ pointer: `/${escapePointer(name)}`, detail: 'holds a NUL' });
    else query[name] = value;
  }
  return query;
}

function refuse(errors: readonly InputProblem[]) {
  if (errors.length === 0) return;
  const shown = errors.slice(0, 3).map(({ pointer, detail }) => `${pointer === '' ? 'the body' : pointer}: ${detail}`);
  const more = errors.length > 3 ? `; and ${errors.length - 3} more` : '';
  throw new Refusal('validation_failed', 422, shown.join('; ') + more, { errors });
}
