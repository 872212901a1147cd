// How an operation becomes a function: its contract and its handlers, bound to an environment when it is served.
import type { AnsweredQuestion } from '../questions/answer.ts';
import type { Committed, Document, EventStream, Page, SessionChange } from '../handler/answer.ts';
import type { AnswerOf, CommandOf, Contract, Route } from '../contract/function.ts';
import type { Environment } from './environment.ts';
import type { Refusal } from '../contract/errors.ts';

export type Role = 'customer' | 'teller';

/** Who is asking. `anonymous` appears only on routes whose access is `anyone`. */
export type Caller = { role: 'anonymous' } | { role: Role; userId: number };

/**
 * What makes a request recognisable when it comes again.
 * `scope` is the caller (and the CloudEvent's source), `key` the Idempotency-Key or CloudEvent id,
 * `fingerprint` a SHA-256 of method, path, canonical body and principal, in hex.
 * A request without a key gets a random one, so that retries inside the server stay safe.
 */
export type Idempotency = { scope: string; key: string; fingerprint: string };

/** Everything about one request that is not the command itself. */
export type Call = {
  caller: Caller;
  idempotency: Idempotency;
  /** `event`: the command came as a CloudEvent, so its refusal has to be an event too. */
  channel: 'http' | 'event';
  /** The `source` of the CloudEvent that carried the command; its `id` is the key. */
  eventSource?: string;
  traceparent: string;
  /** The verified token, from the Authorization header or the session cookie, to ask another function in the caller's name. */
  token: string | undefined;
  /** The client's address, for limits on sign-in attempts. */
  address: string;
  /** The media type the caller prefers, for routes that have more than one. */
  accept: string;
  /** Values of the last item's sort key, from the cursor; absent on the first page. */
  after: Readonly<Record<string, string | number>> | undefined;
  /** The SSE resume position. */
  lastEventId: string | undefined;
  /** Aborted when the client goes away or the function shuts down. */
  signal: AbortSignal;
};

/** An event as it reaches a consumer. `source` + `id` identify it for ever. */
export type IncomingEvent = {
  id: string;
  source: string;
  type: string;
  subject: string | undefined;
  time: string | undefined;
  data: unknown;
  traceparent: string | undefined;
  /** All other extension attributes, e.g. `partitionkey`, `sequence`, `knativeerrorcode`. */
  extensions: Readonly<Record<string, string>>;
  /** The data as it came; only for functions that take events of every type, broken ones too. */
  raw?: { contentType: string | undefined; dataschema: string | undefined; body: Buffer };
};

type Item<T> = T extends readonly (infer I)[] ? I : never;
export type ResultOf<R extends Route> =
  | AnswerOf<R>
  | Page<Item<AnswerOf<R>>>
  | Committed<AnswerOf<R>>
  | Document
  | EventStream
  | (R extends { setsCookie: true } ? SessionChange<AnswerOf<R>> : never);

export type Handlers<C extends Contract> = {
  routes: {
    [K in keyof C['routes']]: (
      command: CommandOf<C['routes'][K] & Route>,
      call: Call,
    ) => Promise<ResultOf<C['routes'][K] & Route>>;
  };
  /** Applies a consumed event; a second delivery of the same event must change nothing. */
  onEvent?: (event: IncomingEvent) => Promise<void>;
  /** What other functions may ask this one, at its own address and not through the edge. */
  questions?: readonly AnsweredQuestion[];
  /** Records a refused CloudEvent command and returns the event that says so. Without it the command is dead-lettered. */
  recordRefusal?: (refusal: Refusal, call: Call) => Promise<Committed<unknown>>;
};

export type BankFunction = {
  contract: Contract;
  bind: (environment: Environment) => Handlers<Contract>;
};

/** Ties handlers to the contract they keep; the types make sure that every route has one. */
export function defineFunction<const C extends Contract>(
  contract: C,
  bind: (environment: Environment) => Handlers<C>,
): BankFunction {
  return { contract, bind };
}
