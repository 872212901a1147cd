// Every text that comes in is as long as it may be before an expression looks at it, and no expression takes more than linear time.
import { Linter } from 'eslint';
import regexp from 'eslint-plugin-regexp';
import { afterEach, expect, test, vi } from 'vitest';
import type * as z from 'zod';
import { readContracts } from '../../eventing/contracts/contract-files.ts';
import { receipts, receiptsPruning } from '../../eventing/outbox/questions.ts';
import type { Route } from '../shared/contract/function.ts';
import { payeeQuestion } from '../shared/questions/payee.ts';

afterEach(() => vi.restoreAllMocks());

type Place = { place: string; schema: z.core.$ZodType };

const withoutText = new Set(['number', 'boolean', 'enum', 'literal', 'transform']);

/** A command's data as it will be posted, of which an authority keeps the digest: hashed, shown to no expression, and no longer than a body. */
const onlyHashed = new Set(['POST /command-authorities data']);

/** Every schema of a text in what a route or a question takes. */
const texts: Place[] = [
  ...(await readContracts()).flatMap(({ routes }) =>
    Object.entries<Route>(routes).flatMap(([route, { params, query, body }]) =>
      [params, query, body].flatMap((schema) => (schema ? textsOf(schema, route) : [])),
    ),
  ),
  ...[receipts, receiptsPruning, payeeQuestion].flatMap(({ ask, requested }) => textsOf(ask, requested)),
];
const long = 'x'.repeat(60_000);

test('there are texts of every kind among them', () => {
  const places = texts.map(({ place }) => place);
  for (const place of ['POST /users email', 'GET /transactions from', 'POST /deposits amount', 'GET /users q'])
    expect(places).toContain(place);
});

test('each has a length, or a pattern of one length', () => {
  const unbounded = texts.filter(({ schema }) => (schema as z.ZodString).maxLength === null);
  expect([...new Set(unbounded.map(({ place }) => place))].sort()).toEqual([
    // Ids of 36 characters by their pattern.
    'DELETE /passkeys/{id} id',
    'DELETE /sessions/{id} id',
    // Dates, all of ten characters.
    'GET /accounts/days from',
    'GET /accounts/days to',
    'GET /accounts/{id}/days from',
    'GET /accounts/{id}/days to',
    'GET /accounts/{id}/statement from',
    'GET /accounts/{id}/statement to',
    // Digits of an id, at most 15 by their pattern.
    'POST /accounts user_id',
    // At most 255 by its pattern: what an idempotency key may have.
    'POST /command-authorities source',
    // Digits of ids again.
    'POST /deposits account_id',
    // An id again.
    'POST /sessions/renewal session_id',
    // Digits of ids again.
    'POST /transactions account_id',
    'POST /transactions target_account_id',
    'POST /transfers account_id',
    'POST /transfers target_account_id',
    // At most 32, looked at first.
    'POST /users phone',
    'POST /users/{id}/profile phone',
    // Digits of an id.
    'POST /withdrawals account_id',
  ]);
});

/** How zod counts the characters of a text: one class, looked for once. */
const counting = String(/[\uD800-\uDBFF]/);
const bounded = texts.filter(({ schema }) => (schema as z.ZodString).maxLength !== null);
test.each(bounded)('$place: what is too long is told once, and shown to no expression', ({ schema }) => {
  const { mock } = vi.spyOn(RegExp.prototype, 'test');
  const { error } = (schema as z.ZodString).safeParse(long);
  const shown = mock.contexts.filter((_, index) => mock.calls[index]?.[0] === long).map(String);
  expect(shown.filter((expression) => expression !== counting)).toEqual([]);
  expect(error?.issues.map(({ code }) => code)).toEqual(['too_big']);
});

test('a text of the wrong form is told once', () => {
  for (const { place, schema } of texts) {
    const { success, error } = (schema as z.ZodString).safeParse('+15\n');
    expect([place, success ? 1 : error.issues.length]).toEqual([place, 1]);
  }
});

const linter = new Linter();
/** What the checker of `npm run check` says of an expression, also of one that a library has made. */
function verdictOn(expression: RegExp): string[] {
  const rules = {
    'regexp/no-super-linear-backtracking': ['error', { report: 'potential' }],
    'regexp/no-super-linear-move': ['error', { report: 'potential', ignorePartial: false }],
  } satisfies Linter.RulesRecord;
  return linter
    .verify(`${String(expression)}.test('');`, [{ plugins: { regexp }, rules }])
    .map(({ message }) => message);
}

test.each([/0+$/, /^(a+)+$/, /^(\w+\s?)*$/, /<([^>]+)>/])('the checker finds fault with %s', (expression) => {
  expect(verdictOn(expression)).not.toEqual([]);
});

test('it finds none with the patterns and formats of the contracts', () => {
  const patterns = texts.flatMap(({ schema }) => patternsOf(schema));
  const sources = new Map(patterns.map((pattern) => [String(pattern), pattern]));
  expect(sources.size).toBeGreaterThan(5);
  for (const [source, pattern] of sources) expect([source, ...verdictOn(pattern)]).toEqual([source]);
});

/** Of a text's own format, and of the checks that it has besides. */
function patternsOf(schema: z.core.$ZodType): RegExp[] {
  const checks = (schema._zod.def.checks ?? []).map((check) => check._zod.def);
  return [schema._zod.def, ...checks].flatMap((def) =>
    'pattern' in def && def.pattern instanceof RegExp ? [def.pattern] : [],
  );
}

function textsOf(schema: z.core.$ZodType, place: string): Place[] {
  const { def } = (schema as z.core.$ZodTypes)._zod;
  if (def.type === 'string') return [{ place, schema }];
  if (def.type === 'object')
    return Object.entries(def.shape).flatMap(([name, field]) => textsOf(field, `${place} ${name}`));
  if (def.type === 'array') return textsOf(def.element, place);
  if (def.type === 'union') return def.options.flatMap((option) => textsOf(option, place));
  if (def.type === 'pipe') return [...textsOf(def.in, place), ...textsOf(def.out, place)];
  if (def.type === 'optional' || def.type === 'nullable' || def.type === 'default')
    return textsOf(def.innerType, place);
  if (withoutText.has(def.type) || onlyHashed.has(place)) return [];
  throw new Error(`${place}: a ${def.type} may hold text; say here where`);
}
