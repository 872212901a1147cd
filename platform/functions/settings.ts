// What each function gets on a cluster beside what its contract says. A new function is its folder and one line in `functionSettings`.

export type FunctionSettings = {
  /** Copies at most. Together with `poolMax` it bounds the connections: README.md has the sums. */
  maxScale: number;
  /** Asks other functions at their own addresses. */
  asks?: true;
  /** Connections of one copy to its database. */
  poolMax: number;
  /** Requests that one copy works on at once; more wait outside it. 0: no limit. */
  concurrency: number;
  /** Requests at once in one copy above which (70 % of it) another is started. */
  target: number;
  /** Until an answer, the wait for a cold start included; also what a copy is given to end. */
  timeoutSeconds: number;
  /** Without a request for so long, the last copy ends. */
  windowSeconds: number;
  memoryRequestMi: number;
  memoryLimitMi: number;
};

/**
 * Of most functions. A pool of 4: a copy in Node is one core at most, and a statement takes a few milliseconds. 40 requests at once are ten
 * for each connection, so the last of them waits for about ten statements; beyond that another copy is better than a longer queue.
 * 60 s: queue-proxy drains an ending copy for 30 s before it hears of it, and the copy finishes within 20 s more; an answer itself takes at
 * most a cold start, a question (5 s) and a statement (10 s). A minute's window: who looks at their account and comes back finds it warm.
 * 64 MiB is what an idle copy uses with some to spare; the limit lets the heap of a long list through.
 */
const usual: FunctionSettings = {
  maxScale: 5,
  poolMax: 4,
  concurrency: 40,
  target: 20,
  timeoutSeconds: 60,
  windowSeconds: 60,
  memoryRequestMi: 64,
  memoryLimitMi: 256,
};

/** Seldom used, or by few people at once. */
const rare = { ...usual, maxScale: 2 };

/** Hashes passwords, three at once with 19 MiB and 30 ms of a core each: ten requests wait 0.1 s for their turn, forty would half a second. */
const hashing = { ...usual, concurrency: 10, target: 6, memoryRequestMi: 128, memoryLimitMi: 320 };

/**
 * Woken each minute: with a window of a minute it would never be at zero. One copy: a tick does all there is to do. A tick waits up to 35 s
 * for the Broker and for its consumers besides.
 */
const ticking = { ...usual, maxScale: 1, concurrency: 10, target: 10, timeoutSeconds: 120, windowSeconds: 6 };

/**
 * Each open page holds a stream, so a limit on requests would make everybody's lists wait for somebody's page to close; it limits itself to
 * 200 streams, and 70 start another copy. Five copies are the 1,024 open requests that Envoy allows a Service. The platform cuts a stream
 * at its time-out, so the function ends it before: `longestStreamSeconds`.
 */
const streaming = { ...usual, concurrency: 0, target: 100, timeoutSeconds: 300, memoryLimitMi: 384 };

/** Below the time-out of `streaming` by more than a cold start takes, which is counted in. */
export const longestStreamSeconds = 270;

export const functionSettings: Readonly<Record<string, FunctionSettings>> = {
  'change-password': { ...hashing, maxScale: 2 },
  'close-account': rare,
  'dead-letter': rare,
  deposit: usual,
  'edit-profile': { ...hashing, maxScale: 2 },
  'find-payee': { ...usual, maxScale: 3, asks: true },
  'freeze-account': rare,
  notify: { ...usual, maxScale: 3 },
  'open-account': { ...usual, maxScale: 3, asks: true },
  operations: { ...rare, asks: true },
  // Hashes passwords, and loads what verifies passkeys: 24 MiB.
  passkeys: { ...hashing, maxScale: 2 },
  'post-transaction': usual,
  'read-accounts': usual,
  'read-notifications': streaming,
  'read-statement': { ...usual, maxScale: 3 },
  'read-transactions': usual,
  'read-users': { ...usual, maxScale: 3 },
  'register-user': { ...hashing, maxScale: 3 },
  relay: { ...ticking, asks: true },
  'change-role': { ...rare, asks: true },
  'remove-user': { ...rare, asks: true },
  'reset-password': { ...hashing, maxScale: 2 },
  'reverse-transaction': rare,
  'set-overdraft-limit': rare,
  'sign-in': hashing,
  transfer: usual,
  withdraw: usual,
};
