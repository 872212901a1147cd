// What a function promises: its routes, the CloudEvents it takes and gives. Browsers may import this file: it needs only zod.
import type * as z from 'zod';

export type DatabaseName = 'users' | 'ledger' | 'notifications';

/** What a function may do in its databases: functions/shared/database/README.md has the table. */
export type DatabaseRole =
  'writer' | 'reader' | 'payee-finder' | 'relay' | 'sign-in' | 'credentials' | 'recipient' | 'dead-letters';

/** Who may call a route. Ownership of the thing itself is checked by the handler. */
export type Access = 'anyone' | 'signed-in' | 'teller';

type Example = {
  /** Path, query and body values in one object, as the caller sends them. */
  command: Record<string, unknown>;
  answer?: unknown;
};

export type Route = {
  summary: string;
  access: Access;
  /** Path parameters, e.g. `{ id }` of `/accounts/{id}`. */
  params?: z.ZodObject;
  query?: z.ZodObject;
  body?: z.ZodObject;
  /** Schema of the answer's JSON; a list's schema is `z.array(item)`. Left out for 204, CSV-only and event streams. */
  answer?: z.ZodType;
  status: 200 | 201 | 204;
  /**
   * May set the session cookie. Its answer is kept by no cache, and a change by it needs `ownPageHeader` from everybody without
   * a bearer token: a page of somebody else must not sign a browser in or out.
   */
  setsCookie?: true;
  /** Answers `Idempotency-Key` with one effect and one body. */
  idempotent?: true;
  /**
   * The field, an e-mail address, that tells people apart who are not signed in: each has idempotency keys of their own. Every route that
   * is `idempotent` for `anyone` has one.
   */
  strangersAre?: string;
  /** Path of what was created, sent as `Location` under the caller's own prefix (`/api` at the edge). */
  location?: (answer: never) => string;
  /** A strong validator, sent as `ETag` and compared with `If-None-Match`. */
  etag?: (answer: never) => string;
  /** For what anybody may read: caches keep it for so long. A minute when left out. */
  freshSeconds?: number;
  /** Other media types that this route can answer with, e.g. `text/csv`. */
  alsoProduces?: readonly string[];
  /** Codes of the refusals this route may answer, besides those every route has. */
  refusals?: readonly string[];
  example?: Example;
};

export type Contract = {
  name: string;
  summary: string;
  /** The databases whose passwords this function is given. */
  databases: readonly DatabaseName[];
  /** As what it enters them; `writer` when left out. */
  databaseRole?: DatabaseRole;
  /** Keyed `METHOD /path/{parameter}`, without the `/api` prefix that the edge strips. */
  routes: Readonly<Record<`${'GET' | 'POST' | 'DELETE'} /${string}`, Route>>;
  /** The command this function accepts as a CloudEvent: its data is the route's body and path values together. */
  command?: { type: string; route: string };
  /** Types of the events this function consumes; each needs a Trigger in eventing/triggers. */
  consumes?: readonly string[];
  /** Types of the questions it answers at its own address, besides those that every consumer and every relay answers. */
  answers?: readonly string[];
  /** Types of the events this function writes to its outbox. */
  emits?: readonly string[];
  /** What to do instead, for methods that people expect on a path and that a bank must not have. Keyed as routes are. */
  instead?: Readonly<Record<string, string>>;
};

type Values<S> = S extends z.ZodType ? z.output<S> : unknown;
export type CommandOf<R extends Route> = Values<R['params']> & Values<R['query']> & Values<R['body']>;
// eslint-disable-next-line @typescript-eslint/no-invalid-void-type -- A handler of such a route is a function that returns nothing.
export type AnswerOf<R extends Route> = R['answer'] extends z.ZodType ? z.output<R['answer']> : void;
