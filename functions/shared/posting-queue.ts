// Commits postings in groups: while one group is at the database, the next one gathers. An idle ledger posts at once.
import { Unavailable } from './errors.ts';

export type PostingQueueLimits = {
  /** Postings per commit. Beyond some tens the locks are held longer than the shared commit saves. */
  groupMax: number;
  /** Groups at the database at once, per process. */
  groupsAtOnceMax: number;
  /** Postings waiting in memory; beyond it the ledger is unavailable rather than ever slower. */
  waitingMax: number;
};

const limits: PostingQueueLimits = { groupMax: 32, groupsAtOnceMax: 3, waitingMax: 5_000 };

type Waiting<A> = { posting: object; resolve: (answer: A) => void; reject: (error: unknown) => void };

/**
 * `postGroup` commits postings together and returns their answers in order. When it fails for a group, its postings are
 * tried one by one, so a fault of one (or a key that still runs elsewhere) does not fail its neighbours; their keys make
 * the second try safe. Unavailable passes through: what failed was not one of them.
 */
export function createPostingQueue<A>(
  postGroup: (postings: readonly object[]) => Promise<readonly A[]>,
  { groupMax, groupsAtOnceMax, waitingMax } = limits,
): (posting: object) => Promise<A> {
  const waiting: Waiting<A>[] = [];
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

  async function settle(group: readonly Waiting<A>[]): Promise<void> {
    try {
      const answers = await postGroup(group.map(({ posting }) => posting));
      if (answers.length !== group.length) throw new Error('the ledger must answer every posting');
      answers.forEach((answer, index) => group[index]?.resolve(answer));
    } catch (error) {
      if (group.length === 1 || error instanceof Unavailable) for (const { reject } of group) reject(error);
      else for (const one of group) await settle([one]);
    }
  }

  return (posting) => {
    if (waiting.length >= waitingMax) {
      return Promise.reject(new Unavailable('the ledger', new Error(`${waitingMax} postings are waiting`)));
    }
    return new Promise<A>((resolve, reject) => {
      waiting.push({ posting, resolve, reject });
      // After the requests that arrived in the same tick: they share the commit.
      if (waiting.length === 1) setImmediate(startGroups);
    });
  };
}
