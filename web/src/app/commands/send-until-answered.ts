// Sends one pending command as often as it takes to learn its outcome, always under the same key.
import { Problem, Unreachable } from '../problem.ts';
import { sendableForMs, type PendingCommand } from './shelf.ts';

/** Grows up to the last one, and stays there. */
const pausesMs = [500, 1_000, 2_000, 4_000, 8_000, 15_000];

/** The key is too old to be sent again: whether the command was applied has to be looked up in the history. */
export class OutcomeUnknown extends Error {}

type Parts<T> = {
  send: (pending: PendingCommand) => Promise<T>;
  /** Resolves after the pause, or earlier when the connection is back. */
  pause: (ms: number) => Promise<void>;
  now: () => number;
  /** Called before each pause: the reader is told that it is not lost. */
  onWaiting: (why: 'unreachable' | 'busy') => void;
};

/** Resolves with the answer; throws the bank's Problem when it refuses, OutcomeUnknown when the key is no longer good. */
export async function sendUntilAnswered<T>(pending: PendingCommand, parts: Parts<T>): Promise<T> {
  for (let attempt = 0; ; attempt += 1) {
    if (parts.now() - pending.madeAtMs > sendableForMs) throw new OutcomeUnknown();
    try {
      return await parts.send(pending);
    } catch (error) {
      const isUnreachable = error instanceof Unreachable;
      const isBusy = error instanceof Problem && error.isPassing;
      if (!isUnreachable && !isBusy) throw error;
      parts.onWaiting(isUnreachable ? 'unreachable' : 'busy');
      const pauseMs = pausesMs[Math.min(attempt, pausesMs.length - 1)] ?? 15_000;
      await parts.pause(Math.max(pauseMs, (isBusy ? error.retryAfterMs : undefined) ?? 0));
    }
  }
}
