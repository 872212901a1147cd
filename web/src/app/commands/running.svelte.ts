// The commands of the person who is signed in that are on their way: begun here or before a reload. One result comes out of each.
import type { AnswerFrom } from '../api.ts';
import type { CommandRoutes } from './contracts.ts';
import { live } from '../live.svelte.ts';
import { randomUuid } from './random-uuid.ts';
import { createShelf, type KeptRoute, type Order, type PendingCommand } from './shelf.ts';
import { Problem, Unreachable } from '../problem.ts';
import { OutcomeUnknown, sendUntilAnswered } from './send-until-answered.ts';
import { waiting } from '../waiting.svelte.ts';

const shelf = createShelf({ storage: localStorage, now: Date.now, newKey: randomUuid });

export type Running = { pending: PendingCommand; waitingFor: 'answer' | 'connection' | 'bank' };

/** What became of a command that no form waits for any more, because its page was left or reloaded. */
export type Finished = { pending: PendingCommand; answer?: unknown; error?: unknown };

class Commands {
  running = $state.raw<readonly Running[]>([]);
  #onFinished: (finished: Finished) => void = () => {};

  /**
   * Keeps, sends and repeats a command. @throws the bank's Problem when it refuses.
   * `isWatched`: false once the form that waits has been left; then the outcome is told like that of a resumed command.
   */
  async run<K extends KeptRoute>(order: Order<K>, isWatched: () => boolean): Promise<AnswerFrom<CommandRoutes[K]>> {
    const pending = shelf.put(order);
    try {
      const answer = await alone(pending, () => this.#finish(pending));
      if (!isWatched()) this.#onFinished({ pending, answer });
      return answer as AnswerFrom<CommandRoutes[K]>;
    } catch (error) {
      if (!isWatched()) this.#onFinished({ pending, error });
      throw error;
    }
  }

  /** Takes up what an earlier page left unfinished, and tells what came of it. */
  resume(userId: number, onFinished: (finished: Finished) => void): void {
    this.#onFinished = onFinished;
    // Fetched before it is needed: an order may be given when there is no connection any more.
    void loadSending().catch(() => undefined);
    for (const pending of shelf.of(userId)) {
      if (this.running.some(({ pending: { key } }) => key === pending.key)) continue;
      void alone(pending, async () => {
        const isOpen = shelf.of(userId).some(({ key }) => key === pending.key);
        if (isOpen) await this.#finishUnwatched(pending);
      });
    }
  }

  async #finishUnwatched(pending: PendingCommand): Promise<void> {
    try {
      this.#onFinished({ pending, answer: await this.#finish(pending) });
    } catch (error) {
      this.#onFinished({ pending, error });
    }
  }

  async #finish(pending: PendingCommand): Promise<unknown> {
    this.#show(pending, 'answer');
    try {
      const answer = await sendUntilAnswered(pending, {
        send,
        pause,
        now: Date.now,
        onWaiting: (why) => this.#show(pending, why === 'busy' ? 'bank' : 'connection'),
      });
      shelf.remove(pending.key);
      live.changed();
      return answer;
    } catch (error) {
      // Signed out meanwhile: it stays, and goes on after the next sign-in.
      if (isOutcome(error)) shelf.remove(pending.key);
      throw error;
    } finally {
      this.running = this.running.filter((running) => running.pending.key !== pending.key);
    }
  }

  #show(pending: PendingCommand, waitingFor: Running['waitingFor']): void {
    const others = this.running.filter((running) => running.pending.key !== pending.key);
    this.running = [...others, { pending, waitingFor }];
  }
}

function isOutcome(error: unknown): boolean {
  return error instanceof OutcomeUnknown || (error instanceof Problem && error.body.code !== 'unauthenticated');
}

/**
 * One tab at a time works on a command; the lock is free again when that tab is closed. Where there are no locks (plain http on a
 * name other than localhost) two tabs may send the same command, which the bank applies once all the same.
 */
async function alone<T>({ key }: PendingCommand, work: () => Promise<T>): Promise<T> {
  const locks = navigator.locks as LockManager | undefined;
  return locks ? await locks.request(`microbank.pending.${key}`, work) : await work();
}

async function send(pending: PendingCommand): Promise<unknown> {
  const { sendCommand } = await waiting.during(loadSending()).catch((error: unknown) => {
    throw new Unreachable(error);
  });
  return await sendCommand(pending);
}

async function loadSending() {
  return await import('./send.ts');
}

/** Ends early when the connection is back. */
function pause(ms: number): Promise<void> {
  return new Promise((resolve) => {
    const resume = (): void => {
      clearTimeout(timer);
      removeEventListener('online', resume);
      resolve();
    };
    const timer = setTimeout(resume, ms);
    addEventListener('online', resume);
  });
}

export const commands = new Commands();
