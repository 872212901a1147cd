// A command that is on its way ends with the one answer of the bank: sent as often as it takes, under the same key.
import { expect, test } from 'vitest';
import { sendableForMs, type PendingCommand } from './shelf.ts';
import { Problem, Unreachable } from '../problem.ts';
import { OutcomeUnknown, sendUntilAnswered } from './send-until-answered.ts';

const pending: PendingCommand = {
  key: 'c6fd6c3c-3b43-4a52-8d3f-8e4b7a6f9a10',
  userId: 7,
  route: 'POST /deposits',
  command: { account_id: 1, amount: '5' },
  madeAtMs: 1_000,
};

/** Answers in order: what is an error is thrown. Time passes only while it pauses. */
function givenBank(answers: readonly unknown[], startMs = pending.madeAtMs) {
  const seen = { sent: [] as PendingCommand[], pausesMs: [] as number[], waiting: [] as string[] };
  let nowMs = startMs;
  const parts = {
    send(sent: PendingCommand): Promise<unknown> {
      const answer = answers[seen.sent.length];
      seen.sent.push(sent);
      return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer);
    },
    pause(ms: number): Promise<void> {
      seen.pausesMs.push(ms);
      nowMs += ms;
      return Promise.resolve();
    },
    now: () => nowMs,
    onWaiting: (why: string) => seen.waiting.push(why),
  };
  return { seen, outcome: sendUntilAnswered(pending, parts) };
}

const away = new Unreachable(new TypeError('Failed to fetch'));

function problem(status: number, code: string, retryAfterMs?: number): Problem {
  return new Problem({ status, code, detail: code, errors: [], trace_id: '' }, retryAfterMs);
}

test('a bank that answers at once is asked once', async () => {
  const { seen, outcome } = givenBank([{ id: 42 }]);
  expect(await outcome).toEqual({ id: 42 });
  expect(seen).toEqual({ sent: [pending], pausesMs: [], waiting: [] });
});

test('a command that gets no answer is sent again under the same key, after pauses that grow to 15 s', async () => {
  const { seen, outcome } = givenBank([...Array.from({ length: 8 }, () => away), { id: 42 }]);
  expect(await outcome).toEqual({ id: 42 });
  expect(new Set(seen.sent.map(({ key }) => key))).toEqual(new Set([pending.key]));
  expect(seen.sent).toHaveLength(9);
  expect(seen.pausesMs).toEqual([500, 1_000, 2_000, 4_000, 8_000, 15_000, 15_000, 15_000]);
  expect(new Set(seen.waiting)).toEqual(new Set(['unreachable']));
});

test.each([
  [503, 'unavailable'],
  [500, 'internal'],
  [429, 'too_many_attempts'],
  [409, 'request_in_progress'],
])('a bank that answers %s %s is asked again when it says, but not sooner than else', async (status, code) => {
  const { seen, outcome } = givenBank([
    problem(status, code, 7_000),
    problem(status, code, 100),
    problem(status, code),
    'done',
  ]);
  expect(await outcome).toBe('done');
  expect(seen.pausesMs).toEqual([7_000, 1_000, 2_000]);
  expect(seen.waiting).toEqual(['busy', 'busy', 'busy']);
});

test.each([
  problem(422, 'insufficient_funds'),
  problem(409, 'email_taken'),
  problem(401, 'unauthenticated'),
  new TypeError('a mistake of ours'),
])('%s ends it', async (error) => {
  const { seen, outcome } = givenBank([away, error, 'never']);
  await expect(outcome).rejects.toBe(error);
  expect(seen.sent).toHaveLength(2);
});

test('a key that the bank may have forgotten is not sent any more', async () => {
  const late = givenBank(['never'], pending.madeAtMs + sendableForMs + 1);
  await expect(late.outcome).rejects.toBeInstanceOf(OutcomeUnknown);
  expect(late.seen.sent).toEqual([]);

  const barely = givenBank([away, 'never'], pending.madeAtMs + sendableForMs);
  await expect(barely.outcome).rejects.toBeInstanceOf(OutcomeUnknown);
  expect(barely.seen.sent).toHaveLength(1);
});
