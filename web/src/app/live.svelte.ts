// What changed elsewhere reaches open pages: notifications by event stream, and everything that was loaded is loaded anew.
import { contract as readNotifications } from '../../../functions/read-notifications/contract.ts';
import type { Notification } from '../../../functions/shared/contract/notification.ts';
import { call } from './api.ts';
import type { StreamState } from './follow-stream.ts';
import { readNotification } from './read-notification.ts';
import { shareStream, type SharedStream, type Told } from './shared-stream.ts';
import { whileVisible } from './while-visible.ts';

/** While the stream is lost, pages look for themselves. */
const pollMs = 15_000;

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
  #stream: SharedStream | undefined;
  readonly #watches = new Set<Watch>();

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
    const position: Position = { lastEventId: undefined };
    const stop = whileVisible((signal) => this.#follow(userId, position, signal));
    return () => {
      clearInterval(poll);
      this.#tabs.onmessage = null;
      stop();
      this.unread = this.#countedTo = 0;
    };
  }

  /** For tellers: loads anew when something happens to this person's accounts. Returns what ends it. */
  watch(userId: number): () => void {
    const watch: Watch = { userId, release: () => {} };
    this.#watches.add(watch);
    if (this.#stream) void this.#hold(watch, this.#stream);
    return () => {
      this.#watches.delete(watch);
      watch.release();
    };
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

  async #follow(userId: number, position: Position, signal: AbortSignal): Promise<void> {
    // Asked for before the pages load, so that nothing happens unseen between their loading and the stream's begin.
    const counted = await count(userId);
    if (signal.aborted) return;
    this.#accept(counted);
    // What other pages were told while this one was hidden, nobody tells it again.
    if (position.lastEventId !== undefined && Number(position.lastEventId) !== counted?.newest_id) this.changed();
    position.lastEventId ??= counted && String(counted.newest_id);
    const stream = shareStream({ userId, position, tell: (told) => this.#hear(told) }, signal);
    this.#stream = stream;
    for (const watch of this.#watches) void this.#hold(watch, stream);
    signal.addEventListener('abort', () => {
      this.#stream = undefined;
      for (const watch of this.#watches) watch.release();
    });
  }

  #hear(told: Told): void {
    if (told.kind === 'state') this.state = told.state;
    if (told.kind === 'watched' && [...this.#watches].some(({ userId }) => userId === told.userId)) this.changed();
    if (told.kind !== 'notification') return;
    this.changed();
    // A stream that resumes also sends what was counted while it was lost.
    if (Number(told.id) > this.#countedTo) this.unread += 1;
    const notification = readNotification(told.data);
    if (notification) this.#onNotification(notification);
  }

  /** As of now, which is before the page loads what it shows. */
  async #hold(watch: Watch, stream: SharedStream): Promise<void> {
    const counted = await count(watch.userId);
    if (this.#watches.has(watch) && this.#stream === stream)
      watch.release = stream.watch(watch.userId, counted?.newest_id ?? 0);
  }
}

export const live = new Live();

type Position = { lastEventId: string | undefined };
type Watch = { userId: number; release: () => void };

type Counted = { unread: number; newest_id: number };

async function count(userId: number | undefined): Promise<Counted | undefined> {
  const command = userId === undefined ? {} : { user_id: userId };
  return await call(readNotifications, 'GET /notifications/unread', command).catch(() => undefined);
}
