// Work that a page does while somebody may be looking at it.

/** A tab that nobody looks at for so long stops. */
const hiddenMsMax = 30_000;

/** Runs the work while the page is visible, and again when it is visible once more, until the returned function is called. */
export function whileVisible(work: (signal: AbortSignal) => Promise<void>): () => void {
  let running: AbortController | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const begin = (): void => {
    if (running) return;
    running = new AbortController();
    void work(running.signal);
  };
  const end = (): void => {
    running?.abort();
    running = undefined;
  };
  const look = (): void => {
    clearTimeout(timer);
    if (document.visibilityState === 'visible') begin();
    else timer = setTimeout(end, hiddenMsMax);
  };
  document.addEventListener('visibilitychange', look);
  look();
  return () => {
    document.removeEventListener('visibilitychange', look);
    clearTimeout(timer);
    end();
  };
}

/** Ends early when the connection is back, or the signal is aborted. */
export function pauseUntilOnline(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      removeEventListener('online', done);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    addEventListener('online', done);
    signal.addEventListener('abort', done);
    if (signal.aborted) done();
  });
}

/** A stream on a connection that is gone would stay silent; one opened anew resumes. */
export function untilOffline(signal: AbortSignal): AbortSignal {
  const offline = new AbortController();
  addEventListener('offline', () => offline.abort(), { once: true, signal });
  return AbortSignal.any([signal, offline.signal]);
}
