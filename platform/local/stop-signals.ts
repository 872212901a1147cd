// When to stop: Ctrl-C, SIGTERM, a closed terminal, the loss of a part, or the end of the process that started us.
export type Stop = {
  /** Aborted as soon as a stop is wanted, also while the bank still starts. */
  signal: AbortSignal;
  requested: Promise<void>;
  /** Stops because something broke, which `cause` then gives. */
  because: (cause: unknown) => void;
  cause: () => unknown;
  /** Stops when that process no longer is our parent. */
  alsoWhenGone: (parent: number | undefined) => void;
};

/** One Ctrl-C reaches us up to three times (terminal, npm, bootstrap.mjs), all within this time. */
const sameKeyMs = 500;
const lookEveryMs = 500;
/** As a shell reports a program that Ctrl-C ended. */
const forcedExitCode = 130;

export function listenForStop(): Stop {
  const controller = new AbortController();
  const requested = new Promise<void>((resolve) => controller.signal.addEventListener('abort', () => resolve()));
  let cause: unknown;
  let since = 0;
  const onSignal = (): void => {
    if (!controller.signal.aborted) {
      since = performance.now();
      controller.abort();
    } else if (performance.now() - since > sameKeyMs) process.exit(forcedExitCode);
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, onSignal);

  return {
    signal: controller.signal,
    requested,
    because(error) {
      cause = error;
      controller.abort();
    },
    cause: () => cause,
    alsoWhenGone(parent) {
      if (parent === undefined) return;
      setInterval(() => process.ppid !== parent && controller.abort(), lookEveryMs).unref();
    },
  };
}
