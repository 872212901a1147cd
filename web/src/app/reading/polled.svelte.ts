// What a page asks the bank again and again while somebody looks at it: one question at a time, none while the tab is hidden.
import { untrack } from 'svelte';
import { Resource } from './resource.svelte.ts';

export class Polled<T> extends Resource<T> {
  /** When the answer on show came. */
  updatedAtMs = $state<number>();
  #isLate = $state(false);
  /** There is an answer on show that should have been replaced by now. */
  readonly isStale = $derived(this.value !== undefined && (this.error !== undefined || this.#isLate));
  readonly #everyMs: number;
  #asking: Promise<void> | undefined;
  #next: ReturnType<typeof setTimeout> | undefined;

  constructor(load: (signal: AbortSignal) => Promise<T>, everyMs: number) {
    super(load);
    this.#everyMs = everyMs;
  }

  /** Asks now and from then on, until the returned function is called. */
  start(): () => void {
    const look = (): void => {
      if (document.visibilityState === 'visible') void this.refresh();
      else clearTimeout(this.#next);
    };
    document.addEventListener('visibilitychange', look);
    look();
    return () => {
      document.removeEventListener('visibilitychange', look);
      this.stop();
      void this.#asking?.then(() => clearTimeout(this.#next));
      clearTimeout(this.#next);
    };
  }

  /** Asks now, unless an answer is on its way. */
  override refresh(): Promise<void> {
    this.#asking ??= this.#ask().finally(() => (this.#asking = undefined));
    return this.#asking;
  }

  async #ask(): Promise<void> {
    clearTimeout(this.#next);
    const late = setTimeout(() => (this.#isLate = true), this.#everyMs);
    await super.refresh();
    clearTimeout(late);
    this.#isLate = false;
    if (this.error === undefined) this.updatedAtMs = Date.now();
    if (document.visibilityState === 'visible') this.#next = setTimeout(() => void this.refresh(), this.#everyMs);
  }
}

/** For a component's script. */
export function polled<T>(load: (signal: AbortSignal) => Promise<T>, everyMs: number): Polled<T> {
  const made = new Polled(load, everyMs);
  $effect(() => untrack(() => made.start()));
  return made;
}
