// What is kept of a command before it is sent: enough to send the very same request again, for whom it belongs to.
import { expect, test } from 'vitest';
import { createShelf, type Order, type Shelf } from './shelf.ts';

const storageName = 'microbank.pending';

/** What a browser's tabs share. */
function givenStorage(text?: string) {
  const texts = new Map(text === undefined ? [] : [[storageName, text]]);
  return {
    getItem: (name: string): string | null => texts.get(name) ?? null,
    setItem: (name: string, value: string): void => void texts.set(name, value),
  };
}

let keys = 0;
function givenTab(storage = givenStorage(), nowMs = 5_000): Shelf {
  const newKey = (): string => `00000000-0000-4000-8000-${String((keys += 1)).padStart(12, '0')}`;
  return createShelf({ storage, now: () => nowMs, newKey });
}

const deposit: Order<'POST /deposits'> = {
  userId: 7,
  route: 'POST /deposits',
  command: { account_id: 1, amount: '12.50' },
  currency: 'USD',
};

test('a command is written down with its key before anybody can send it, and is there after a reload', () => {
  const storage = givenStorage();
  const pending = givenTab(storage).put(deposit);
  expect(pending).toEqual({ ...deposit, key: expect.stringMatching(/^[0-9a-f-]{36}$/) as string, madeAtMs: 5_000 });
  expect(givenTab(storage).of(7)).toEqual([pending]);
});

test('each command has a key of its own, and they come back oldest first', () => {
  const tab = givenTab();
  const made = [tab.put(deposit), tab.put(deposit), tab.put({ ...deposit, command: { account_id: 2, amount: '1' } })];
  expect(new Set(made.map(({ key }) => key)).size).toBe(3);
  expect(tab.of(7)).toEqual(made);
});

test('what is changed after it was written down does not change what is sent', () => {
  const command = { account_id: 1, amount: '12.50' };
  const tab = givenTab();
  const pending = tab.put({ ...deposit, command });
  command.amount = '99';
  expect(pending.command).toEqual({ account_id: 1, amount: '12.50' });
  expect(tab.of(7)).toEqual([pending]);
});

test('people who share a browser see their own commands only', () => {
  const storage = givenStorage();
  const mine = givenTab(storage).put(deposit);
  const theirs = givenTab(storage).put({ ...deposit, userId: 8 });
  expect(givenTab(storage).of(7)).toEqual([mine]);
  expect(givenTab(storage).of(8)).toEqual([theirs]);
  expect(givenTab(storage).of(9)).toEqual([]);
});

test('a command whose outcome is known is gone, and only that one', () => {
  const tab = givenTab();
  const [first, second] = [tab.put(deposit), tab.put(deposit)];
  tab.remove(first.key);
  tab.remove('00000000-0000-4000-8000-999999999999');
  expect(tab.of(7)).toEqual([second]);
});

test('what another tab writes or removes meanwhile is neither lost nor comes back', () => {
  const storage = givenStorage();
  const [one, other] = [givenTab(storage), givenTab(storage)];
  const first = one.put(deposit);
  const second = other.put(deposit);
  one.remove(first.key);
  const third = other.put(deposit);
  expect(one.of(7)).toEqual([second, third]);
});

test.each(['nonsense', 'null', '{}', '"text"', '[1, null, {"key": "no uuid"}]', '[{"userId": 7}]'])(
  'storage that holds %s is taken for empty, and can be written again',
  (text) => {
    const tab = givenTab(givenStorage(text));
    expect(tab.of(7)).toEqual([]);
    const pending = tab.put(deposit);
    expect(tab.of(7)).toEqual([pending]);
  },
);

test('a command that only a newer page knows is not lost by an older one beside it', () => {
  const newer = { ...deposit, key: '11111111-1111-4111-8111-111111111111', madeAtMs: 1, route: 'POST /loans' };
  const storage = givenStorage(JSON.stringify([newer]));
  const tab = givenTab(storage);
  const pending = tab.put(deposit);
  expect(tab.of(7)).toEqual([pending]);
  tab.remove(pending.key);
  expect(JSON.parse(storage.getItem(storageName) ?? '')).toEqual([newer]);
});

test('a full shelf takes nothing more, so that nothing is sent which was not written down', () => {
  const tab = givenTab();
  for (let count = 0; count < 20; count += 1) tab.put(deposit);
  expect(() => tab.put(deposit)).toThrow('20 commands are pending already');
  expect(tab.of(7)).toHaveLength(20);
});

test('a command that cannot be written down is refused', () => {
  const full = {
    ...givenStorage(),
    setItem: () => {
      throw new Error('the quota has been exceeded');
    },
  };
  expect(() => givenTab(full).put(deposit)).toThrow('quota');
});
