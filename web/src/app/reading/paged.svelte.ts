// A list that grows page by page, by the links that the bank gives. Loaded anew it starts with as many pages as were on show.
import type { Contract } from '../../../../functions/shared/contract/function.ts';
import { callPage, type AnswerFrom, type CommandTo, type KeyOf, type RouteOf } from '../api.ts';
import { resource } from './resource.svelte.ts';

type Item<C extends Contract, K extends KeyOf<C>> = AnswerFrom<RouteOf<C, K>> extends readonly (infer I)[] ? I : never;
type Shown<T> = { items: T[]; next: string | undefined };

/** More than this on one page helps nobody, and a refresh loads them all. */
const pagesMax = 50;

/** For a component's script. `command` is read anew when it changes, and the list then starts at its first page. */
export function pagedList<C extends Contract, K extends KeyOf<C>>(
  contract: C,
  key: K,
  command: () => CommandTo<RouteOf<C, K>>,
) {
  let pages = 1;
  let isMoreLoading = $state(false);
  let moreError = $state.raw<unknown>();

  async function load(asked: CommandTo<RouteOf<C, K>>, count: number, signal: AbortSignal): Promise<Shown<Item<C, K>>> {
    const shown: Shown<Item<C, K>> = { items: [], next: undefined };
    for (let page = 0; page < count && (page === 0 || shown.next !== undefined); page += 1) {
      const { items, next } = await callPage(contract, key, asked, shown.next, { signal });
      shown.items.push(...(items as unknown as Item<C, K>[]));
      shown.next = next;
    }
    return shown;
  }

  let lastAsked = '';
  const list = resource(
    (signal) => {
      const asked = command();
      const text = JSON.stringify(asked);
      if (text !== lastAsked) pages = 1;
      lastAsked = text;
      return load(asked, pages, signal);
    },
    { keeps: true },
  );

  return {
    list,
    get isMoreLoading() {
      return isMoreLoading;
    },
    get moreError() {
      return moreError;
    },
    get hasMore() {
      return list.value?.next !== undefined && pages < pagesMax;
    },
    async loadMore(): Promise<void> {
      const before = list.value;
      if (isMoreLoading || before?.next === undefined) return;
      isMoreLoading = true;
      moreError = undefined;
      try {
        const { items, next } = await callPage(contract, key, command(), before.next);
        // A refresh may have replaced the list meanwhile; its own pages are the newer ones.
        if (list.value === before) {
          list.value = { items: [...before.items, ...(items as unknown as Item<C, K>[])], next };
          pages += 1;
        }
      } catch (error) {
        moreError = error;
      }
      isMoreLoading = false;
    },
  };
}
