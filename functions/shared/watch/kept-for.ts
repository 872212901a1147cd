// Reads something costly at most once in a while: callers in between, and at the same time, share one reading.

/** A reading that failed is not kept. */
export function keptFor<T>(ms: number, read: () => Promise<T>): () => Promise<T> {
  let kept: { value: Promise<T>; readAt: number } | undefined;
  return () => {
    if (kept && performance.now() - kept.readAt < ms) return kept.value;
    const reading = { value: read(), readAt: performance.now() };
    kept = reading;
    reading.value.catch(() => {
      if (kept === reading) kept = undefined;
    });
    return reading.value;
  };
}
