// Commits work in groups: while one group is at the database, the next one gathers. An idle queue commits at once.
import { Unavailable } from '../contract/errors.ts';

export type GroupQueueSettings<T, A> = {
  /** What is unavailable when too much waits, e.g. `the ledger`. */
  what: string;
  /** Commits items together and returns their answers in order. */
  commit: (items: readonly T[]) => Promise<readonly A[]>;
  /** Items per commit. Beyond some tens the locks are held longer than the shared commit saves. */
  groupMax: number;
  /** Groups at the database at once, per process. */
  groupsAtOnceMax: number;
  /** Items waiting in memory; beyond it the queue is unavailable rather than ever slower. */
  waitingMax: number;
};

type Waiting<T, A> = { item: T; resolve: (answer: A) => void; reject: (error: unknown) => void };

/**
 * Resolves with the item's own answer. When `commit` fails for a group, its items are tried one by one, so a fault of one (or
 * a key that still runs elsewhere) does not fail its neighbours; each has to be recognisable by a key, which makes the second
 * try safe. Unavailable passes through: what failed was not one of them.
 */
export function createGroupQueue<T, A>(settings: GroupQueueSettings<T, A>): (item: T) => Promise<A> {
  const { what, commit, groupMax, groupsAtOnceMax, waitingMax } = settings;
  const waiting: Waiting<T, A>[] = [];
  let groupsAtOnce = 0;

  function startGroups(): void {
    while (waiting.length > 0 && groupsAtOnce < groupsAtOnceMax) {
      groupsAtOnce++;
      void settle(waiting.splice(0, groupMax)).finally(() => {
        groupsAtOnce--;
        startGroups();
      });
    }
  }

  async function settle(group: readonly Waiting<T, A>[]): Promise<void> {
    try {
      const answers = await commit(group.map(({ item }) => item));
      if (answers.length !== group.length) throw new Error(`${what} must answer every item`);
      group.forEach(({ resolve }, index) => resolve(answers[index] as A));
    } catch (error) {
      if (group.length === 1 || error instanceof Unavailable) for (const { reject } of group) reject(error);
      else for (const one of group) await settle([one]);
    }
  }

  return (item) => {
    if (waiting.length >= waitingMax) {
      return Promise.reject(new Unavailable(what, new Error(`${waitingMax} items are waiting`)));
    }
    return new Promise<A>((resolve, reject) => {
      waiting.push({ item, resolve, reject });
      // After the requests that arrived in the same tick: they share the commit.
      if (waiting.length === 1) setImmediate(startGroups);
    });
  };
}
