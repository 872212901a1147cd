// One stream for all pages of this browser: it has six connections to a server over HTTP/1.1, and each stream keeps one busy. Of the pages
// that somebody may be looking at, one holds a lock and the stream, and tells the others; when it goes, the next has the lock.
import { mostWatched, watchedNews } from '../../../functions/read-notifications/contract.ts';
import { openStream } from './api.ts';
import { followStream, type StreamedEvent, type StreamState } from './follow-stream.ts';
import { heldWatches, holdWatch } from './watch-locks.ts';
import { pauseUntilOnline, untilOffline } from './while-visible.ts';

/** What pages are told, and tell each other. */
export type Told =
  | { kind: 'notification'; id: string; data: string }
  | { kind: 'watched'; userId: number; newestId: number }
  | { kind: 'state'; state: StreamState };
/** `hello`: a page has come, and wants to know how the stream is. `watching`: a page looks at somebody from now on. */
type Message = Told | { kind: 'hello' } | { kind: 'watching' };

export type SharedStream = {
  /** Tells of this person too, from after this notification, until the returned function is called. */
  watch: (userId: number, position: number) => () => void;
};

type Parts = {
  userId: number;
  /** The last notification that this page was told; the stream begins after it when it is this page's. */
  position: { lastEventId: string | undefined };
  tell: (told: Told) => void;
};

/** Until the signal is aborted. */
export function shareStream({ userId, position, tell }: Parts, signal: AbortSignal): SharedStream {
  const channel = new BroadcastChannel(`microbank.stream.${userId}`);
  const post = (message: Message): void => {
    if (!signal.aborted) channel.postMessage(message);
  };
  let leader: Leader | undefined;

  const hear = (told: Told): void => {
    if (told.kind === 'notification') {
      // Told before: the page that leads now had been away for a while.
      if (Number(told.id) <= Number(position.lastEventId ?? 0)) return;
      position.lastEventId = told.id;
    }
    tell(told);
  };
  const spread = (told: Told): void => {
    post(told);
    hear(told);
  };
  channel.onmessage = ({ data }: MessageEvent<Message>) => {
    if (data.kind === 'hello') leader?.sayState();
    else if (data.kind === 'watching') void leader?.lookWhoIsWatched();
    else hear(data);
  };
  signal.addEventListener('abort', () => channel.close(), { once: true });

  const lead = async (): Promise<void> => {
    leader = createLeader(userId, spread, signal);
    await leader.follow(position.lastEventId);
    leader = undefined;
  };
  // Rejected only when it was given up while it waited.
  navigator.locks.request(`microbank.stream.${userId}`, { signal }, lead).catch(() => undefined);
  post({ kind: 'hello' });

  return {
    watch: (watched, from) =>
      holdWatch(userId, watched, from, () => {
        if (leader) void leader.lookWhoIsWatched();
        else post({ kind: 'watching' });
      }),
  };
}

type Leader = {
  follow: (lastEventId: string | undefined) => Promise<void>;
  sayState: () => void;
  /** Opens the stream anew when a page looks at somebody whom it does not tell of. */
  lookWhoIsWatched: () => Promise<void>;
};

function createLeader(userId: number, spread: (told: Told) => void, signal: AbortSignal): Leader {
  let state: StreamState = 'connecting';
  /** Whom the open stream tells of, and up to where it has. */
  let watched = new Map<number, number>();
  let reopening = new AbortController();

  async function open(lastEventId: string | undefined, aborted: AbortSignal): Promise<ReadableStream<Uint8Array>> {
    reopening = new AbortController();
    const held = await heldWatches(userId);
    // The newest wishes: nobody has more pages open than that.
    watched = new Map([...held].slice(-mostWatched).map(([id, from]) => [id, Math.max(from, watched.get(id) ?? 0)]));
    const watch = [...watched].map(([id, from]) => `${id}:${from}`).join(',');
    return openStream({ userId, watch }, lastEventId, AbortSignal.any([untilOffline(aborted), reopening.signal]));
  }

  function onEvent({ id, type, data }: StreamedEvent): void {
    if (type === 'notification' && id !== undefined) return spread({ kind: 'notification', id, data });
    const news = type === 'watched' ? watchedNews.safeParse(JSON.parse(data)).data : undefined;
    if (!news) return;
    watched.set(news.user_id, news.newest_id);
    spread({ kind: 'watched', userId: news.user_id, newestId: news.newest_id });
  }

  return {
    follow: (lastEventId) =>
      followStream(
        {
          open,
          onEvent,
          pause: (ms, aborted) => (reopening.signal.aborted ? Promise.resolve() : pauseUntilOnline(ms, aborted)),
          onState(next) {
            // Between two streams of our own making nothing is lost.
            if (reopening.signal.aborted && next !== 'live') return;
            state = next;
            spread({ kind: 'state', state });
          },
        },
        lastEventId,
        signal,
      ),
    sayState: () => spread({ kind: 'state', state }),
    async lookWhoIsWatched() {
      const held = await heldWatches(userId);
      if ([...held.keys()].some((id) => !watched.has(id))) reopening.abort();
    },
  };
}
