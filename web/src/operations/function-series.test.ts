// What the charts of the operations page draw of the bank's own counts.
import { expect, test } from 'vitest';
import { finishedSteps, perMinute, sinceFirstRequest } from './function-series.ts';

function givenSteps(requests: readonly number[], stepSeconds = 30) {
  const series = requests.map((count, index) => ({
    at: new Date(index * stepSeconds * 1_000).toISOString(),
    requests: count,
    errors: count > 3 ? 1 : 0,
    p50_ms: null,
    p95_ms: null,
  }));
  return { series, window_seconds: stepSeconds * requests.length };
}

test('each point counts the minute before it, and the step under way is left out', () => {
  expect(perMinute(givenSteps([1, 2, 4, 8, 16]), 'requests')).toEqual([
    { at: new Date(60_000), value: 3 },
    { at: new Date(90_000), value: 6 },
    { at: new Date(120_000), value: 12 },
  ]);
  expect(perMinute(givenSteps([1, 2, 4, 8, 16]), 'errors').map(({ value }) => value)).toEqual([0, 1, 2]);
});

test('steps of a minute or more are shown as they are', () => {
  expect(perMinute(givenSteps([5, 7, 9], 60), 'requests').map(({ value }) => value)).toEqual([5, 7]);
});

test('the time before the first request is left out, as long as something of a chart remains', () => {
  const quiet = Array.from({ length: 30 }, () => 0);
  const { series, window_seconds } = sinceFirstRequest(givenSteps([...quiet, 5, ...quiet]));
  expect(series.map(({ requests }) => requests)).toEqual([0, 5, ...quiet]);
  expect(window_seconds).toBe(32 * 30);
  expect(sinceFirstRequest(givenSteps([...quiet, 5])).series).toHaveLength(11);
  for (const all of [[1, 2, 3], quiet]) expect(sinceFirstRequest(givenSteps(all))).toEqual(givenSteps(all));
});

test('where nobody counts there is nothing to draw', () => {
  expect(perMinute(givenSteps([]), 'requests')).toEqual([]);
  expect(finishedSteps(givenSteps([]))).toEqual([]);
});
