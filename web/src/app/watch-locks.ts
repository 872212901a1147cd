// Whom the pages of this browser look at, said by locks: they are gone with their page, however it goes.

/** A page holds one for each person it looks at, as of the notification that it knows of. */
const nameOf = (userId: number, watched: number, position: number): string =>
  `microbank.watch.${userId}.${watched}.${position}`;

/** Holds the lock until the returned function is called. `onHeld` is told once others can see it. */
export function holdWatch(userId: number, watched: number, position: number, onHeld: () => void): () => void {
  let release = (): void => {};
  const released = new Promise<void>((resolve) => (release = resolve));
  void navigator.locks.request(nameOf(userId, watched, position), { mode: 'shared' }, () => {
    onHeld();
    return released;
  });
  return release;
}

/** By person, the earliest notification after which one of the pages wants to be told. */
export async function heldWatches(userId: number): Promise<Map<number, number>> {
  const start = `microbank.watch.${userId}.`;
  const { held = [] } = await navigator.locks.query();
  const watches = new Map<number, number>();
  for (const { name = '' } of held) {
    if (!name.startsWith(start)) continue;
    const [watched = 0, position = 0] = name.slice(start.length).split('.').map(Number);
    watches.set(watched, Math.min(position, watches.get(watched) ?? position));
  }
  return watches;
}
