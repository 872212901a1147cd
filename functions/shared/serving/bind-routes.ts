// Prepares each route of a function once: strict schemas, media types, its handler. Nothing of this happens per request.
import * as z from 'zod';
import type { Contract, Route } from '../contract/function.ts';
import { Refusal } from '../contract/errors.ts';
import type { BankFunction, Handlers } from '../process/define-function.ts';
import type { Environment } from '../process/environment.ts';
import type { CommandSchemas, Values } from '../reading/command.ts';
import type { RouteKey } from './router.ts';
import type { Call } from '../handler/call.ts';

export type BoundRoute = {
  routeKey: RouteKey;
  route: Route;
  schemas: CommandSchemas;
  /** Media types of its answers, the default first. */
  produces: readonly string[];
  /** A GET: changes nothing, so it may run again after a lost connection. */
  isRead: boolean;
  handle: (command: Values, call: Call) => Promise<unknown>;
};

export type BoundFunction = {
  contract: Contract;
  handlers: Handlers<Contract>;
  routes: ReadonlyMap<string, BoundRoute>;
  environment: Environment;
};

export function bindRoutes({ contract, bind }: BankFunction, environment: Environment): BoundFunction {
  const handlers = bind(environment);
  const routes = new Map<string, BoundRoute>();
  for (const [routeKey, route] of Object.entries(contract.routes) as [RouteKey, Route][]) {
    const handle = handlers.routes[routeKey];
    if (!handle) throw new Error(`${contract.name} has no handler for ${routeKey}`);
    routes.set(routeKey, {
      routeKey,
      route,
      schemas: { params: strict(route.params), query: strict(route.query), body: strict(route.body) },
      produces: mediaTypesOf(route),
      isRead: routeKey.startsWith('GET '),
      handle,
    });
  }
  return { contract, handlers, routes, environment };
}

/** The media type to answer with; 406 when a route has several and the caller takes none of them. */
export function negotiate({ produces }: BoundRoute, accept: string | undefined): string {
  const [first = 'application/json'] = produces;
  if (accept === undefined || produces.length < 2) return first;
  const ranges = accept
    .split(',')
    .map(parseRange)
    .filter((range) => range.quality > 0);
  let best = { type: '', quality: 0 };
  for (const type of produces) {
    const fitting = ranges.filter(
      ({ range }) => range === '*/*' || range === type || range === `${type.split('/')[0]}/*`,
    );
    const quality = Math.max(0, ...fitting.map((range) => range.quality));
    if (quality > best.quality) best = { type, quality };
  }
  if (best.type !== '') return best.type;
  throw new Refusal('not_acceptable', 406, `this can be had as ${produces.join(' or ')}`);
}

const empty = z.strictObject({});

function strict(schema: z.ZodObject | undefined): z.ZodObject {
  return schema?.strict() ?? empty;
}

function mediaTypesOf(route: Route): string[] {
  return [...(route.answer ? ['application/json'] : []), ...(route.alsoProduces ?? [])];
}

function parseRange(text: string): { range: string; quality: number } {
  const [range = '', ...parameters] = text.split(';').map((part) => part.trim().toLowerCase());
  const quality = Number(parameters.find((parameter) => parameter.startsWith('q='))?.slice(2) ?? 1);
  return { range, quality: Number.isNaN(quality) ? 1 : quality };
}
