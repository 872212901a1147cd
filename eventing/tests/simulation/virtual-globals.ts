// Time and chance for code that takes them from the runtime: timers, `performance.now` and `Math.random`, put in place of Node's.

export type VirtualGlobals = {
  setTimeout: (callback: () => void, ms: number) => () => void;
  setImmediate: (callback: () => void) => void;
  now: () => number;
  random: () => number;
};

const real = { setTimeout, clearTimeout, setImmediate, now: performance.now.bind(performance), random: Math.random };

/** Lets everything that is ready to go on do so: promises, ticks, and what they start. */
export function turn(): Promise<void> {
  return new Promise((resolve) => real.setImmediate(resolve));
}

/** The returned function gives Node's own back. */
export function installGlobals(virtual: VirtualGlobals): () => void {
  const timer = (callback: (...args: unknown[]) => void, ms = 0, ...args: unknown[]): object => {
    const cancel = virtual.setTimeout(() => callback(...args), ms);
    const handle = { cancel, ref: () => handle, unref: () => handle, hasRef: () => true };
    return handle;
  };
  const clear = (handle: unknown): void => {
    if (isVirtual(handle)) handle.cancel();
    else real.clearTimeout(handle as NodeJS.Timeout);
  };
  const immediate = (callback: (...args: unknown[]) => void, ...args: unknown[]): void =>
    virtual.setImmediate(() => callback(...args));

  Object.assign(globalThis, { setTimeout: timer, clearTimeout: clear, setImmediate: immediate });
  Math.random = virtual.random;
  performance.now = virtual.now;
  return () => {
    const { setTimeout, clearTimeout, setImmediate } = real;
    Object.assign(globalThis, { setTimeout, clearTimeout, setImmediate });
    Math.random = real.random;
    performance.now = real.now;
  };
}

function isVirtual(handle: unknown): handle is { cancel: () => void } {
  return typeof handle === 'object' && handle !== null && 'cancel' in handle;
}
