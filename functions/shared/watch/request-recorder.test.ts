// What the recorder remembers of the last hour, on a clock of the test's own.
import { expect, test } from 'vitest';
import { createRequestRecorder, stepsKept, type Tally } from './request-recorder.ts';

const minuteMs = 60_000;

function givenRecorder() {
  const clock = { ms: Date.UTC(2026, 10, 25, 12) };
  const recorder = createRequestRecorder(() => new Date(clock.ms));
  const requests = recorder.of('deposit');
  const total = (tally: Tally): number => Object.values(tally.requests).reduce((sum, count) => sum + count, 0);
  return { clock, recorder, requests, perStep: () => requests.lastSteps().map(total) };
}

const zeros = (length: number): number[] => Array.from({ length }, () => 0);

test('a request is counted in the step under way, by how it ended and how long it took', () => {
  const { requests } = givenRecorder();
  requests.record('answered', 1);
  requests.record('answered', 1.01);
  requests.record('refused', 2.5);
  requests.record('failed', 10_001);
  requests.record('abandoned');
  const now = requests.lastSteps().at(-1);
  expect(now?.requests).toEqual({ answered: 2, refused: 1, failed: 1, abandoned: 1 });
  expect(now?.buckets).toEqual([1, 2, ...zeros(11), 1]);
  expect(requests.sinceStart().latencySecondsSum).toBeCloseTo(10.005_51, 9);
});

test('steps go by with the clock, the quiet ones too', () => {
  const { clock, requests, perStep } = givenRecorder();
  requests.record('answered', 1);
  clock.ms += 29_999;
  requests.record('answered', 1);
  expect(perStep()).toEqual([...zeros(119), 2]);
  clock.ms += 1;
  requests.record('answered', 1);
  clock.ms += minuteMs;
  expect(perStep()).toEqual([...zeros(116), 2, 1, 0, 0]);
});

test('after an hour a step is forgotten, and its place counts anew; the sum since the start stays', () => {
  const { clock, requests, perStep } = givenRecorder();
  requests.record('answered', 1);
  clock.ms += 60 * minuteMs - 1;
  expect(perStep()).toEqual([1, ...zeros(119)]);
  clock.ms += 1;
  expect(perStep()).toEqual(zeros(stepsKept));
  requests.record('refused', 1);
  expect(perStep()).toEqual([...zeros(119), 1]);
  clock.ms += 24 * 60 * minuteMs;
  expect(perStep()).toEqual(zeros(stepsKept));
  expect(requests.sinceStart().requests).toEqual({ answered: 1, refused: 1, failed: 0, abandoned: 0 });
});

test('a clock that is set back shows no step from the future', () => {
  const { clock, requests, perStep } = givenRecorder();
  requests.record('answered', 1);
  clock.ms -= 5 * minuteMs;
  requests.record('answered', 1);
  expect(perStep()).toEqual([...zeros(119), 1]);
});

test('each function has numbers of its own, and is asked for by name', () => {
  const { recorder, requests } = givenRecorder();
  recorder.of('withdraw');
  requests.record('answered', 1);
  expect(recorder.of('deposit')).toBe(requests);
  expect([...recorder.functions.keys()]).toEqual(['deposit', 'withdraw']);
  expect(recorder.of('withdraw').sinceStart().requests.answered).toBe(0);
});
