// Whether this browser has a network, and whether the page on show is still the one that the bank serves.

class Connection {
  isOffline = $state(!navigator.onLine);
  /** A part of the page could not be loaded: it was built anew since this tab was opened. */
  hasNewVersion = $state(false);

  start(): void {
    addEventListener('online', () => (this.isOffline = false));
    addEventListener('offline', () => (this.isOffline = true));
  }
}

export const connection = new Connection();
