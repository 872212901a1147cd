// The one file that fetches. Types and checks come from the functions' contracts; what a page gets has been parsed.
import type * as z from 'zod';
import { contract as readNotifications } from '../../../functions/read-notifications/contract.ts';
import type { Contract, Route } from '../../../functions/shared/contract/function.ts';
import { beginTrace } from './begin-trace.ts';
import { parseExactly } from './parse-exactly.ts';
import { AnswerInvalid, Problem, readProblem, Unreachable } from './problem.ts';
import { waiting } from './waiting.svelte.ts';
import { ownPageHeader } from '../../../functions/shared/contract/headers.ts';

/** A function that was scaled to zero may need some seconds to start; what takes longer than this will not come. */
const timeoutMs = 30_000;
/** Reads are tried again by themselves after these pauses: nothing is lost by asking twice. */
const readPausesMs = [300, 1_000];

type Given<S> = S extends z.ZodType ? z.output<S> : unknown;
type Sent<S> = S extends z.ZodType ? z.input<S> : unknown;

/** Path, query and body values in one object; what has a default may be left out. */
export type CommandTo<R extends Route> = Given<R['params']> & Partial<Given<R['query']>> & Sent<R['body']>;
export type AnswerFrom<R extends Route> = R['answer'] extends z.ZodType ? z.output<R['answer']> : undefined;
export type KeyOf<C extends Contract> = keyof C['routes'] & string;
export type RouteOf<C extends Contract, K extends KeyOf<C>> = C['routes'][K] & Route;
export type PageOf<T> = { items: T; next: string | undefined };

export type CallOptions = { signal?: AbortSignal; idempotencyKey?: string };

/** Asked when the bank does not know who is asking: true when it knows by now, so that the request may be sent again. */
let regain = (): Promise<boolean> => Promise.resolve(false);
export function whenUnauthenticated(ask: () => Promise<boolean>): void {
  regain = ask;
}

/** @throws Problem, Unreachable or AnswerInvalid; an AbortError when the caller's signal is aborted. */
export async function call<C extends Contract, K extends KeyOf<C>>(
  contract: C,
  key: K,
  command: CommandTo<RouteOf<C, K>>,
  options: CallOptions = {},
): Promise<AnswerFrom<RouteOf<C, K>>> {
  const route = routeOf(contract, key);
  const response = await send(key, route, urlOf(contract, key, command), command, options);
  return (await parse(key, route, response)) as AnswerFrom<RouteOf<C, K>>;
}

/** A list with the address of its next page; give that as `next` to go on. */
export async function callPage<C extends Contract, K extends KeyOf<C>>(
  contract: C,
  key: K,
  command: CommandTo<RouteOf<C, K>>,
  next?: string,
  options: CallOptions = {},
): Promise<PageOf<AnswerFrom<RouteOf<C, K>>>> {
  const route = routeOf(contract, key);
  const response = await send(key, route, next ?? urlOf(contract, key, command), command, options);
  const link = /<([^<>]+)>; rel="next"/.exec(response.headers.get('link') ?? '')?.[1];
  return { items: (await parse(key, route, response)) as AnswerFrom<RouteOf<C, K>>, next: link };
}

/** The event stream of notifications. `lastEventId` resumes after that event; `watch` is who else it tells of. */
export async function openStream(
  { userId, watch }: { userId: number; watch: string },
  lastEventId: string | undefined,
  signal: AbortSignal,
): Promise<ReadableStream<Uint8Array<ArrayBuffer>>> {
  const headers = { accept: 'text/event-stream', ...(lastEventId !== undefined && { 'last-event-id': lastEventId }) };
  const url = urlOf(readNotifications, 'GET /notifications/stream', { user_id: userId, watch });
  const open = () => fetch(url, { headers, signal, cache: 'no-store' }).catch(unlessAborted(signal));
  const response = await knowing(open);
  if (!response.ok) throw await readProblem(response);
  if (!response.body) throw new Unreachable(new Error('the stream has no body'));
  return response.body;
}

/** The address of a route with its values, e.g. for a link that downloads. */
export function urlOf<C extends Contract, K extends KeyOf<C>>(
  contract: C,
  key: K,
  command: CommandTo<RouteOf<C, K>>,
): string {
  const [, template = ''] = key.split(' ');
  const values = command as Record<string, string | number | boolean | undefined>;
  const path = template.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(String(values[name])));
  const query = new URLSearchParams();
  for (const name of Object.keys(routeOf(contract, key).query?.shape ?? {})) {
    if (values[name] !== undefined && values[name] !== '') query.set(name, String(values[name]));
  }
  const search = query.toString();
  return `/api${path}${search && `?${search}`}`;
}

function routeOf(contract: Contract, key: string): Route {
  const route = contract.routes[key as keyof Contract['routes']];
  if (!route) throw new Error(`${contract.name} has no route ${key}`);
  return route;
}

async function send(
  key: string,
  route: Route,
  url: string,
  command: unknown,
  { signal, idempotencyKey }: CallOptions,
): Promise<Response> {
  const [method = 'GET'] = key.split(' ');
  const body = route.body && JSON.stringify(pick(command as Record<string, unknown>, Object.keys(route.body.shape)));
  const headers: Record<string, string> = {
    accept: 'application/json, application/problem+json',
    [ownPageHeader.name]: ownPageHeader.value,
    traceparent: beginTrace(),
    ...(body !== undefined && { 'content-type': 'application/json' }),
    ...(idempotencyKey !== undefined && { 'idempotency-key': idempotencyKey }),
  };
  const init = { method, headers, ...(body !== undefined && { body }) };
  const pauses = method === 'GET' ? readPausesMs : [];
  for (let attempt = 0; ; attempt += 1) {
    try {
      return await sendOnce(url, init, signal);
    } catch (error) {
      const pauseMs = pauses[attempt];
      if (pauseMs === undefined || !isPassing(error) || !navigator.onLine) throw error;
      await new Promise((resolve) => setTimeout(resolve, pauseMs));
      signal?.throwIfAborted();
    }
  }
}

async function sendOnce(url: string, init: RequestInit, signal: AbortSignal | undefined): Promise<Response> {
  const deadline = AbortSignal.timeout(timeoutMs);
  const both = signal ? AbortSignal.any([signal, deadline]) : deadline;
  const response = await knowing(() =>
    waiting.during(fetch(url, { ...init, signal: both })).catch(unlessAborted(signal)),
  );
  if (response.ok) return response;
  throw await readProblem(response);
}

/** Sends once more what was refused because the token was over: nothing had been done. */
async function knowing(sending: () => Promise<Response>): Promise<Response> {
  const response = await sending();
  // `session_ended` and wrong passwords are 401 as well, and no token would change that.
  if (response.status !== 401 || (await readProblem(response.clone())).body.code !== 'unauthenticated') return response;
  return (await regain()) ? await sending() : response;
}

async function parse(key: string, route: Route, response: Response): Promise<unknown> {
  if (!route.answer) return undefined;
  const value: unknown = await response
    .text()
    .then(parseExactly)
    .catch((error: unknown) => {
      throw new Unreachable(error);
    });
  const parsed = route.answer.safeParse(value);
  if (parsed.success) return parsed.data;
  // A newer bank may say more than this page knows of; all that it does know of has been checked.
  if (parsed.error.issues.every(({ code }) => code === 'unrecognized_keys')) return value;
  throw new AnswerInvalid(key, parsed.error);
}

function isPassing(error: unknown): boolean {
  return error instanceof Unreachable || (error instanceof Problem && error.body.status >= 502);
}

function unlessAborted(signal: AbortSignal | undefined): (error: unknown) => never {
  return (error) => {
    if (signal?.aborted) throw error;
    throw new Unreachable(error);
  };
}

function pick(values: Record<string, unknown>, names: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(names.filter((name) => values[name] !== undefined).map((name) => [name, values[name]]));
}
