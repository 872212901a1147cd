// Whether this browser has a network, and whether the page on show is still the one that the bank serves.

class Connection {
  isOffline = $state(!navigator.onLine);
  /** A part of the page could not be loaded: it was built anew since this tab was opened. */
  hasNewVersion = $state(false);

  start(): void {
    addEventListener('online', () => {
      this.isOffline = false;
      fetchMissingStyles();
    });
    addEventListener('offline', () => (this.isOffline = true));

    // A file of this very build that cannot be had: it was built anew since. Offline it is only out of reach.
    const missing = new WeakSet<object>();
    addEventListener('vite:preloadError', ({ payload }) => {
      missing.add(payload);
      if (navigator.onLine) this.hasNewVersion = true;
    });
    // What waits for the file waits on, which the banner explains: it is no fault besides.
    addEventListener('unhandledrejection', (event) => {
      if (event.reason instanceof Error && missing.has(event.reason)) event.preventDefault();
    });
  }
}

/** Neither the browser nor the loader of parts asks again for a stylesheet that failed. */
function fetchMissingStyles(): void {
  for (const link of document.querySelectorAll<HTMLLinkElement>('link[rel="stylesheet"]')) {
    if (!link.sheet) link.replaceWith(link.cloneNode());
  }
}

export const connection = new Connection();
