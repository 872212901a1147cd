// A refused connection is tried again for a moment, and nothing else is.
import { expect, test } from 'vitest';
import { whileRefused } from './while-refused.ts';

const refused = Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });

test.each([
  ['itself', refused],
  ['the cause of another', new TypeError('fetch failed', { cause: refused })],
])('tries again when the refusal is %s', async (_what, error) => {
  let tries = 0;
  const work = async () => (++tries < 3 ? Promise.reject(error) : 'answer');
  expect(await whileRefused(work)).toBe('answer');
});

test('gives up when it stays so, with the refusal', async () => {
  const began = performance.now();
  await expect(whileRefused(() => Promise.reject(refused), 250)).rejects.toBe(refused);
  expect(performance.now() - began).toBeLessThan(1_000);
});

test('passes every other error on at once: something may have been sent', async () => {
  let tries = 0;
  const reset = Object.assign(new Error('reset'), { code: 'ECONNRESET' });
  await expect(whileRefused(async () => (tries++, Promise.reject(reset)))).rejects.toBe(reset);
  expect(tries).toBe(1);
});
