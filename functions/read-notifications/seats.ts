// Who holds the streams of this process, and whose has to end when there are too many: never one of somebody who has few.

export type Held = {
  /** The id of the person who opened the stream, which for a teller is not the person it is about. */
  holder: number;
  network: string;
};
export type SeatLimits = { mostStreams: number; mostStreamsOfOnePerson: number };

/**
 * Whose stream ends so that this one may open. The oldest of its own holder, when they hold as many as they may. When the process holds
 * as many as it can: the oldest of who holds most, in the network that holds most, if those are more than the newcomer and their
 * network would hold. Undefined when there is room for it; `full` when everybody holds as little as the newcomer; `enough` when the
 * newcomer holds some of those.
 */
export function findVictim<S extends Held>(
  seats: Iterable<S>,
  newcomer: Held,
  { mostStreams, mostStreamsOfOnePerson }: SeatLimits,
): S | 'full' | 'enough' | undefined {
  // In the order in which they were opened.
  const all = [...seats];
  const own = all.filter(({ holder }) => holder === newcomer.holder);
  if (own.length >= mostStreamsOfOnePerson) return own[0];
  if (all.length < mostStreams) return undefined;

  const near = all.filter(({ network }) => network === newcomer.network);
  const crowd = largestGroup(all, ({ network }) => network);
  const crowded = crowd.length > near.length + 1 ? crowd : near;
  const most = largestGroup(crowded, ({ holder }) => holder);
  if (crowded !== near) return most[0];
  if (most.length > own.length + 1) return most[0];
  return own.length > 0 ? 'enough' : 'full';
}

function largestGroup<S>(seats: readonly S[], keyOf: (seat: S) => string | number): readonly S[] {
  const groups = Map.groupBy(seats, keyOf);
  let largest: readonly S[] = [];
  for (const group of groups.values()) if (group.length > largest.length) largest = group;
  return largest;
}
