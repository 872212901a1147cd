// One trail out of several that are read page by page.
import { expect, test } from 'vitest';
import { mergePages } from './merge-pages.ts';

/** A list of numbers, the largest first, in pages of two; counts how often it is read. */
function listOf(...numbers: number[]) {
  const list = { reads: 0, failsNext: false, read };
  async function read(next: string | undefined) {
    list.reads += 1;
    if (list.failsNext) {
      list.failsNext = false;
      throw new Error('no answer');
    }
    const start = Number(next ?? 0);
    const items = numbers.slice(start, start + 2);
    return Promise.resolve({ items, next: start + 2 < numbers.length ? String(start + 2) : undefined });
  }
  return list;
}

const merge = (...lists: ReturnType<typeof listOf>[]) =>
  mergePages(
    lists.map(({ read }) => read),
    (one, other) => one > other,
  );

test('lists are read as one, newest first, and each no further than it has to be', async () => {
  const [busy, calm, empty] = [listOf(9, 8, 7, 6, 5, 4, 3), listOf(10, 2, 1), listOf()];
  const more = merge(busy, calm, empty);
  expect(await more(4)).toEqual({ items: [10, 9, 8, 7], hasMore: true });
  expect([busy.reads, calm.reads, empty.reads]).toEqual([2, 1, 1]);
  expect(await more(4)).toEqual({ items: [6, 5, 4, 3], hasMore: true });
  expect(await more(4)).toEqual({ items: [2, 1], hasMore: false });
  expect(await more(4)).toEqual({ items: [], hasMore: false });
  expect([busy.reads, calm.reads, empty.reads]).toEqual([4, 2, 1]);
});

test('what was read before one of them failed is not lost when it is asked again', async () => {
  const [one, other] = [listOf(9, 7, 5, 3), listOf(8, 6, 4)];
  const more = merge(one, other);
  expect(await more(2)).toEqual({ items: [9, 8], hasMore: true });
  other.failsNext = true;
  await expect(more(5)).rejects.toThrow('no answer');
  expect(await more(5)).toEqual({ items: [7, 6, 5, 4, 3], hasMore: false });
});

test('no list at all has nothing', async () => {
  expect(await merge()(3)).toEqual({ items: [], hasMore: false });
});
