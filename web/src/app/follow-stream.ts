// Follows the stream of notifications: reconnects by itself, resumes where it was, and says how the connection is.
import { createParser } from 'eventsource-parser';
import { streamEnded, type StreamEnd } from '../../../functions/read-notifications/contract.ts';
import { Problem } from './problem.ts';

export type StreamState = 'connecting' | 'live' | 'lost';

export type StreamedEvent = { id: string | undefined; type: string | undefined; data: string };

type Parts = {
  /** Opens the stream after the event with this id. */
  open: (lastEventId: string | undefined, signal: AbortSignal) => Promise<ReadableStream<Uint8Array>>;
  onEvent: (event: StreamedEvent) => void;
  onState: (state: StreamState) => void;
  /** Resolves after the pause, earlier when a new attempt makes sense (the connection is back), or when the signal is aborted. */
  pause: (ms: number, signal: AbortSignal) => Promise<void>;
  /** The bank sends a comment each 10 s; a stream that is silent for so long is dead. */
  silenceMsMax?: number;
};

/** The server's own `retry` replaces the first one. */
const firstPauseMs = 1_000;
const pauseMsMax = 30_000;
/** After the bank has ended this stream for a newer one of the same person: opened at once it would end another of theirs, and so on. */
const pauseForOthersMs = 300_000;

/** Runs until the signal is aborted, or the bank says that nobody is signed in any more. Resumes after `lastEventId`. */
export async function followStream(parts: Parts, lastEventId: string | undefined, signal: AbortSignal): Promise<void> {
  const position = { lastEventId, retryMs: firstPauseMs };
  const isOver = (): boolean => signal.aborted;
  let failures = 0;
  while (!isOver()) {
    parts.onState(failures === 0 ? 'connecting' : 'lost');
    let ended: StreamEnd | undefined;
    try {
      ended = await readUntilEnd(parts, position, signal, () => (failures = 0));
    } catch (error) {
      if (error instanceof Problem && (error.body.status === 401 || error.body.status === 403)) return;
    }
    if (isOver()) return;
    parts.onState('lost');
    const pauseMs =
      ended === 'too_many_streams' ? pauseForOthersMs : Math.min(position.retryMs * 2 ** failures, pauseMsMax);
    await parts.pause(pauseMs, signal);
    failures += 1;
  }
}

type Position = { lastEventId: string | undefined; retryMs: number };

async function readUntilEnd(
  { open, onEvent, onState, silenceMsMax = 25_000 }: Parts,
  position: Position,
  signal: AbortSignal,
  onOpen: () => void,
): Promise<StreamEnd | undefined> {
  let ended: StreamEnd | undefined;
  const silence = watchSilence(silenceMsMax);
  try {
    const body = await open(position.lastEventId, AbortSignal.any([signal, silence.signal]));
    onOpen();
    onState('live');
    const parser = createParser({
      onEvent: ({ id, event, data }) => {
        // Moved on only after the event has been handled: one that throws is sent again.
        onEvent({ id, type: event, data });
        if (event === 'ended') ended = streamEnded.safeParse(JSON.parse(data)).data?.reason;
        if (id !== undefined) position.lastEventId = id;
      },
      onRetry: (ms) => (position.retryMs = ms),
    });
    await readText(body, (text) => {
      silence.heard();
      parser.feed(text);
    });
    return ended;
  } finally {
    silence.end();
  }
}

/** Aborts once nothing has been heard for so long, from now on: a bank that takes the connection may never answer on it. */
function watchSilence(silenceMsMax: number) {
  const silence = new AbortController();
  const watch = () => setTimeout(() => silence.abort(), silenceMsMax);
  let timer = watch();
  return {
    signal: silence.signal,
    heard(): void {
      clearTimeout(timer);
      timer = watch();
    },
    end: (): void => clearTimeout(timer),
  };
}

async function readText(body: ReadableStream<Uint8Array>, onText: (text: string) => void): Promise<void> {
  const reader = body.pipeThrough(new TextDecoderStream() as ReadableWritablePair<string, Uint8Array>).getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      onText(value);
    }
  } finally {
    // The body may have failed already; then there is nothing left to cancel.
    await reader.cancel().catch(() => undefined);
  }
}
