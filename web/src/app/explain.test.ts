// What a reader is told when something fails: plain words for every code, a number where only the bank can look.
import { afterEach, expect, test, vi } from 'vitest';
import { explain, explainFields } from './explain.ts';
import { de } from '../words/de.ts';
import { en } from '../words/en.ts';
import { AnswerInvalid, Problem, readProblem, Unreachable } from './problem.ts';

const { problems } = en;

function problem(status: number, code: string, errors: { pointer: string; detail: string }[] = []): Problem {
  return new Problem({ status, code, detail: `the detail of ${code}`, errors, trace_id: 'trace-1' }, undefined);
}

afterEach(() => {
  vi.unstubAllGlobals();
});

test.each<[what: string, error: unknown, text: string, traceId?: string]>([
  ['no answer', new Unreachable(new TypeError('Failed to fetch')), problems.unreachable],
  ['an answer of another version', new AnswerInvalid('GET /x', new Error()), problems.outdated],
  ['a refusal with a known code', problem(422, 'insufficient_funds'), 'There is not enough money in this account.'],
  ['a refusal with a new code', problem(422, 'moon_is_full'), 'the detail of moon_is_full', 'trace-1'],
  ['a busy bank', problem(503, 'unavailable'), problems.unavailable],
  ['a gateway without its bank', problem(502, 'unknown'), problems.unavailable],
  ['a gateway that waited too long', problem(504, 'unknown'), problems.unavailable],
  ['a fault', problem(500, 'internal'), problems.broken, 'trace-1'],
])('%s is explained', (_, error, text, traceId) => {
  expect(explain(error, en)).toEqual({ text, traceId });
});

test.each([
  [1, 'Try again in 1 second.', 'Versuchen Sie es in 1 Sekunde wieder.'],
  [30, 'Try again in 30 seconds.', 'Versuchen Sie es in 30 Sekunden wieder.'],
  [90, 'Try again in 2 minutes.', 'Versuchen Sie es in 2 Minuten wieder.'],
  [3_600, 'Try again in 60 minutes.', 'Versuchen Sie es in 60 Minuten wieder.'],
  [7_000, 'Try again in 2 hours.', 'Versuchen Sie es in 2 Stunden wieder.'],
  [2_592_000, 'Try again in 30 days.', 'Versuchen Sie es in 30 Tagen wieder.'],
])('who tried too often is told to wait for %i s', (seconds, inEnglish, inGerman) => {
  const body = { status: 429, code: 'too_many_attempts', detail: '', errors: [], trace_id: 'trace-1' };
  const error = new Problem(body, seconds * 1_000);
  expect(explain(error, en).text).toBe(`${en.problems.codes['too_many_attempts']} ${inEnglish}`);
  expect(explain(error, de).text).toBe(`${de.problems.codes['too_many_attempts']} ${inGerman}`);
});

test('the explanation is in the language of the page', () => {
  expect(explain(problem(422, 'insufficient_funds'), de).text).toBe('Auf diesem Konto ist nicht genug Geld.');
});

test('a mistake of ours is told to the console in full and to the reader in short', () => {
  const reported: unknown[] = [];
  // Browsers have it, Node does not.
  vi.stubGlobal('reportError', (error: unknown) => reported.push(error));
  const mistake = new TypeError('x is undefined');
  expect(explain(mistake, en)).toEqual({ text: problems.broken, traceId: undefined });
  expect(reported).toEqual([mistake]);
});

test('findings stand at the fields that they are about', () => {
  const errors = [
    { pointer: '/amount', detail: 'is too small' },
    { pointer: '/email', detail: 'is no address' },
  ];
  expect(explainFields(problem(422, 'validation_failed', errors), en)).toEqual({
    amount: 'is too small',
    email: 'is no address',
  });
  expect(explainFields(problem(409, 'email_taken', errors.slice(1)), en)).toEqual({
    email: 'Somebody is registered with this e-mail address already.',
  });
  expect(explainFields(new Unreachable(undefined), en)).toEqual({});
});

test('an answer that is no problem document becomes one, by its status', async () => {
  const busy = await readProblem(
    new Response('<h1>Bad gateway</h1>', { status: 502, headers: { 'retry-after': '3' } }),
  );
  expect({ ...busy.body, retryAfterMs: busy.retryAfterMs }).toMatchObject({ code: 'unavailable', retryAfterMs: 3_000 });
  expect(busy.isPassing).toBe(true);

  const refused = await readProblem(new Response('{}', { status: 404, headers: { 'retry-after': 'Wed, 21 Oct' } }));
  expect(refused).toMatchObject({ body: { code: 'unknown', status: 404 }, retryAfterMs: undefined, isPassing: false });
});
