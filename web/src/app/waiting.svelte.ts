// Knows when an answer takes so long that a function is probably starting from zero.

/** A warm function answers in a tenth of this; a cold start takes 1 to 3 s. */
const slowAfterMs = 1_200;

class Waiting {
  #slow = $state(0);

  /** True while at least one request has been waiting long. */
  get isSlow(): boolean {
    return this.#slow > 0;
  }

  async during<T>(answer: Promise<T>): Promise<T> {
    let uncount = (): void => {};
    const timer = setTimeout(() => {
      this.#slow += 1;
      uncount = () => (this.#slow -= 1);
    }, slowAfterMs);
    try {
      return await answer;
    } finally {
      clearTimeout(timer);
      uncount();
    }
  }
}

export const waiting = new Waiting();
