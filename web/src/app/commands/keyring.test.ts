// The key under which a form sends what is not written down.
import { expect, test } from 'vitest';
import { Problem, Unreachable } from '../problem.ts';
import { createKeyring } from './keyring.ts';

const problem = (status: number, code: string) =>
  new Problem({ status, code, detail: '', errors: [], trace_id: '' }, 0);
const lost: Error = new Unreachable(new Error('gone'));

/** Sends these texts one after the other, each with what becomes of it; gives the keys that were sent. */
async function keysOf(sent: readonly [text: string, fate: Error | 'done'][]): Promise<string[]> {
  let made = 0;
  const underKey = createKeyring(() => `key-${++made}`);
  const keys: string[] = [];
  for (const [text, fate] of sent) {
    const sending = underKey(text, (key) => {
      keys.push(key);
      return fate === 'done' ? Promise.resolve(fate) : Promise.reject(fate);
    });
    if (fate === 'done') expect(await sending).toBe('done');
    else await expect(sending).rejects.toBe(fate);
  }
  return keys;
}

test('the same text has the same key, also after another one in between, and no other has it', async () => {
  const keys = await keysOf([
    ['a', lost],
    ['a', lost],
    ['b', lost],
    ['a', 'done'],
  ]);
  expect(keys).toEqual(['key-1', 'key-1', 'key-2', 'key-1']);
});

test.each([
  ['it was done', 'done' as const, 'key-2'],
  ['it was refused', problem(422, 'wrong_password'), 'key-2'],
  ['no answer came', lost, 'key-1'],
  ['the bank broke', problem(500, 'internal'), 'key-1'],
  ['the bank is at it still', problem(409, 'request_in_progress'), 'key-1'],
  ['it was too often', problem(429, 'too_many_attempts'), 'key-1'],
])('once %s, the same text has the key %s', async (_what, fate, key) => {
  expect(
    await keysOf([
      ['a', fate],
      ['a', 'done'],
    ]),
  ).toEqual(['key-1', key]);
});
