// How an operation becomes a function: its contract and its handlers, bound to an environment when it is served.
import type { AnsweredQuestion } from '../questions/answer.ts';
import type { Committed, Document, EventStream, Page, SessionChange } from '../handler/answer.ts';
import type { AnswerOf, CommandOf, Contract, Route } from '../contract/function.ts';
import type { Call } from '../handler/call.ts';
import type { IncomingEvent } from '../handler/event.ts';
import type { Environment } from './environment.ts';
import type { Refusal } from '../contract/errors.ts';

type Item<T> = T extends readonly (infer I)[] ? I : never;
type ResultOf<R extends Route> =
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
