// The audit trail as a teller reads it: each context keeps its own, and here they are one, newest first, growing page by page.
import { contract as operations } from '../../../functions/operations/contract.ts';
import { contract as readTransactions } from '../../../functions/read-transactions/contract.ts';
import { contract as readUsers } from '../../../functions/read-users/contract.ts';
import type { AuditContext, AuditEntry } from '../../../functions/shared/contract/audit.ts';
import { callPage, type PageOf } from '../app/api.ts';
import { Resource } from '../app/reading/resource.svelte.ts';
import { auditQueryOf, contextsOf, type AuditFilters } from './audit-filters.ts';
import { mergePages } from './merge-pages.ts';

export type ShownEntry = AuditEntry & { context: AuditContext };
type Shown = { items: ShownEntry[]; hasMore: boolean; more: (count: number) => Promise<Omit<Shown, 'more'>> };

const pageLength = 25;

/** For a component's script. A trail with a gap would be none: when one context does not answer, nothing is shown. */
export function auditTrail(filters: () => AuditFilters) {
  let isMoreLoading = $state(false);
  let moreError = $state.raw<unknown>();

  const list = new Resource<Shown>(async (signal) => {
    const more = mergePages(readersOf(filters(), signal), isNewer);
    return { ...(await more(pageLength)), more };
  });
  $effect(() => {
    moreError = undefined;
    void list.ask();
    return () => list.stop();
  });

  return {
    list,
    get isMoreLoading() {
      return isMoreLoading;
    },
    get moreError() {
      return moreError;
    },
    get hasMore() {
      return list.value?.hasMore ?? false;
    },
    async loadMore(): Promise<void> {
      const before = list.value;
      if (isMoreLoading || !before) return;
      isMoreLoading = true;
      moreError = undefined;
      try {
        const { items, hasMore } = await before.more(pageLength);
        // Other filters may have been chosen meanwhile.
        if (list.value === before) list.value = { ...before, items: [...before.items, ...items], hasMore };
      } catch (error) {
        if (list.value === before && !list.isLoading) moreError = error;
      }
      isMoreLoading = false;
    },
  };
}

/** Moments are texts of one length and in UTC, so they sort as texts do. */
function isNewer(one: ShownEntry, other: ShownEntry): boolean {
  return one.at > other.at;
}

function readersOf(filters: AuditFilters, signal: AbortSignal) {
  const { act } = filters;
  // Only the contexts that know this act are asked for it.
  const query = { ...auditQueryOf(filters), limit: pageLength, ...(act && { act: act as never }) };
  const read = {
    users: (next) => callPage(readUsers, 'GET /audit/users', query, next, { signal }),
    ledger: (next) => callPage(readTransactions, 'GET /audit/ledger', query, next, { signal }),
    notifications: (next) => callPage(operations, 'GET /audit/notifications', query, next, { signal }),
  } satisfies Record<AuditContext, (next: string | undefined) => Promise<PageOf<AuditEntry[]>>>;
  return contextsOf(act).map((context) => async (next: string | undefined) => {
    const page = await read[context](next);
    return { ...page, items: page.items.map((entry) => ({ ...entry, context })) };
  });
}
