// Several lists, each newest first and given page by page, read as one: it has no gaps, however unevenly they are filled.

type Reader<T> = (next: string | undefined) => Promise<{ items: readonly T[]; next: string | undefined }>;
type Source<T> = { read: Reader<T>; waiting: T[]; next: string | undefined; isDone: boolean };

/** Returns what gives the next `count` of all lists together. @throws what a reader throws; asked again, it goes on from there. */
export function mergePages<T>(
  readers: readonly Reader<T>[],
  isNewer: (one: T, other: T) => boolean,
): (count: number) => Promise<{ items: T[]; hasMore: boolean }> {
  const sources = readers.map((read): Source<T> => ({ read, waiting: [], next: undefined, isDone: false }));
  const ready: T[] = [];

  return async (count) => {
    while (ready.length < count) {
      // Which is the newest can only be told once each list that has more has shown its next.
      await Promise.all(sources.filter(({ waiting, isDone }) => waiting.length === 0 && !isDone).map(readOn));
      const newest = newestOf(sources, isNewer);
      if (!newest) break;
      ready.push(...newest.waiting.splice(0, 1));
    }
    const items = ready.splice(0, count);
    return { items, hasMore: ready.length > 0 || sources.some(({ waiting, isDone }) => waiting.length > 0 || !isDone) };
  };
}

async function readOn<T>(source: Source<T>): Promise<void> {
  const { items, next } = await source.read(source.next);
  source.waiting.push(...items);
  source.next = next;
  source.isDone = next === undefined;
}

function newestOf<T>(sources: readonly Source<T>[], isNewer: (one: T, other: T) => boolean): Source<T> | undefined {
  let newest: Source<T> | undefined;
  for (const source of sources) {
    const [item] = source.waiting;
    const best = newest?.waiting[0];
    if (item !== undefined && (best === undefined || isNewer(item, best))) newest = source;
  }
  return newest;
}
