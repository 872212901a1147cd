// What a page shows of the bank: loaded when the page opens, again when its question changes, and anew whenever something happened.
import { untrack } from 'svelte';
import { live } from '../live.svelte.ts';

export class Resource<T> {
  /** The last good answer; undefined until there is one. */
  value = $state.raw<T | undefined>(undefined);
  /** Why the last attempt failed; undefined once one succeeds. */
  error = $state.raw<unknown>(undefined);
  isLoading = $state(true);
  readonly #load: (signal: AbortSignal) => Promise<T>;
  #running: AbortController | undefined;
  /** False while the value is the answer to an earlier question. */
  #isAnswered = true;

  constructor(load: (signal: AbortSignal) => Promise<T>) {
    this.#load = load;
  }

  /** For another question than before: what is shown stays until its answer is there, but not when there is none. */
  async ask(): Promise<void> {
    this.#isAnswered = false;
    await this.refresh();
  }

  /** What is shown stays until the new answer is there, and when none comes. */
  async refresh(): Promise<void> {
    this.stop();
    const running = (this.#running = new AbortController());
    this.isLoading = true;
    try {
      const value = await this.#load(running.signal);
      if (running.signal.aborted) return;
      this.value = value;
      this.error = undefined;
      this.#isAnswered = true;
    } catch (error) {
      if (running.signal.aborted) return;
      if (!this.#isAnswered) this.value = undefined;
      this.error = error;
    }
    this.isLoading = false;
  }

  stop(): void {
    this.#running?.abort();
  }
}

/**
 * For a component's script: `load` runs at once and again whenever reactive values that it reads before its first await change.
 * `keeps`: the old answer stays on show meanwhile, for lists that are only filtered anew.
 */
export function resource<T>(load: (signal: AbortSignal) => Promise<T>, { keeps = false } = {}): Resource<T> {
  const made = new Resource(load);
  $effect(() => {
    if (!keeps) untrack(() => (made.value = undefined));
    void made.ask();
    return () => made.stop();
  });
  let lastVersion = untrack(() => live.version);
  $effect(() => {
    if (live.version === lastVersion) return;
    lastVersion = live.version;
    untrack(() => void made.refresh());
  });
  return made;
}
