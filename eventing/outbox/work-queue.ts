// A bounded queue with a bounded number of workers, first in, first out.

export type WorkQueue<T> = {
  /** False when the queue is full. */
  put: (item: T) => boolean;
  /** Resolves when nothing waits and nothing is under way. */
  idle: () => Promise<void>;
  /** Forgets what waits; what is under way goes on. */
  clear: () => void;
};

/** `work` must not reject: it knows what to do about its own failures. */
export function createWorkQueue<T>(
  limits: { concurrencyMax: number; queueMax: number },
  work: (item: T) => Promise<void>,
): WorkQueue<T> {
  let items: T[] = [];
  let head = 0;
  let underWay = 0;
  const whenIdle: (() => void)[] = [];

  function next(): void {
    while (underWay < limits.concurrencyMax && head < items.length) {
      underWay++;
      void work(items[head++] as T).finally(() => {
        underWay--;
        next();
      });
    }
    // Moving the rest down only now and then: Array.shift would move it for each item.
    if (head >= 1_024 && head * 2 >= items.length) {
      items = items.slice(head);
      head = 0;
    }
    if (underWay === 0) for (const resolve of whenIdle.splice(0)) resolve();
  }

  return {
    put(item) {
      if (items.length - head >= limits.queueMax) return false;
      items.push(item);
      next();
      return true;
    },
    idle: () => (underWay === 0 ? Promise.resolve() : new Promise((resolve) => whenIdle.push(resolve))),
    clear() {
      items = [];
      head = 0;
    },
  };
}
