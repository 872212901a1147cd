// What changed elsewhere reaches open pages: notifications by event stream, and everything that was loaded is loaded anew.
import { contract as readNotifications } from '../../../functions/read-notifications/contract.ts';
import type { Notification } from '../../../functions/shared/contract/notification.ts';
import { call, openStream } from './api.ts';
import { followStream, type StreamState } from './follow-stream.ts';
import { readNotification } from './read-notification.ts';

/** While the stream is lost, pages look for themselves. */
const pollMs = 15_000;
/** A tab that nobody looks at gives its connection back: browsers have six for each server over HTTP/1.1. */
const hiddenMsMax = 30_000;

class Live {
  /** Counts up with every change; what shows the bank's state loads anew when it does. */
  version = $state(0);
  state = $state<StreamState>('connecting');
  unread = $state(0);
  /** The newest notification that is in the count already. */
  #countedTo = 0;
  #onNotification: (notification: Notification) => void = () => {};
  /** Other tabs count as well, and no event says that something was read. */
  readonly #tabs = new BroadcastChannel('microbank.inbox');

  changed(): void {
    this.version += 1;
  }

  /** Shows this person's notifications as they arrive, until the returned function is called. */
  start(userId: number, onNotification: (notification: Notification) => void): () => void {
    this.#onNotification = onNotification;
    const poll = setInterval(() => {
      if (this.state !== 'lost' || !navigator.onLine) return;
      this.changed();
      void this.countUnread();
    }, pollMs);
    this.#tabs.onmessage = () => {
      this.changed();
      void this.countUnread();
    };
    const stop = whileVisible((signal, position) => this.#follow(userId, position, signal, true));
    return () => {
      clearInterval(poll);
      this.#tabs.onmessage = null;
      stop();
      this.unread = this.#countedTo = 0;
    };
  }

  /** For tellers: loads anew when something happens to this person's accounts. Returns what ends it. */
  watch(userId: number): () => void {
    return whileVisible((signal, position) => this.#follow(userId, position, signal, false));
  }

  /** One's own. A count that cannot be loaded is loaded again with the next notification or poll. */
  async countUnread(): Promise<void> {
    this.#accept(await count(undefined));
  }

  /** Something was read or deleted here. */
  async inboxChanged(): Promise<void> {
    this.#tabs.postMessage('changed');
    await this.countUnread();
  }

  #accept(counted: Counted | undefined): void {
    if (!counted) return;
    this.unread = counted.unread;
    this.#countedTo = counted.newest_id;
  }

  async #follow(userId: number, position: Position, signal: AbortSignal, isOwn: boolean): Promise<void> {
    // Asked for before the pages load, so that nothing happens unseen between their loading and the stream's begin.
    const counted = await count(userId);
    if (signal.aborted) return;
    if (isOwn) this.#accept(counted);
    position.lastEventId ??= counted && String(counted.newest_id);
    await followStream(
      {
        open: (lastEventId, aborted) => openStream(userId, lastEventId, untilOffline(aborted)),
        pause: pauseUntilOnline,
        onState: (state) => {
          if (isOwn) this.state = state;
        },
        onEvent: ({ id, data }) => {
          position.lastEventId = id ?? position.lastEventId;
          this.changed();
          if (!isOwn) return;
          // A stream that resumes also sends what was counted while it was lost.
          if (Number(id) > this.#countedTo) this.unread += 1;
          const told = readNotification(data);
          if (told) this.#onNotification(told);
        },
      },
      position.lastEventId,
      signal,
    );
  }
}

export const live = new Live();

type Counted = { unread: number; newest_id: number };

async function count(userId: number | undefined): Promise<Counted | undefined> {
  const command = userId === undefined ? {} : { user_id: userId };
  return await call(readNotifications, 'GET /notifications/unread', command).catch(() => undefined);
}

type Position = { lastEventId: string | undefined };

/** Runs the work while the page is visible, and again from the same position when it is visible once more. */
function whileVisible(work: (signal: AbortSignal, position: Position) => Promise<void>): () => void {
  const position: Position = { lastEventId: undefined };
  let running: AbortController | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const begin = (): void => {
    if (running) return;
    running = new AbortController();
    void work(running.signal, position);
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

/** A stream on a connection that is gone would stay silent; one opened anew resumes. */
function untilOffline(signal: AbortSignal): AbortSignal {
  const offline = new AbortController();
  addEventListener('offline', () => offline.abort(), { once: true, signal });
  return AbortSignal.any([signal, offline.signal]);
}

function pauseUntilOnline(ms: number, signal: AbortSignal): Promise<void> {
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
  });
}
