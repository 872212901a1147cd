// Prepares each route of a function once: strict schemas, media types, its handler. Nothing of this happens per request.
import * as z from 'zod';
import type { Contract, Route } from '../contract/function.ts';
import { Refusal } from '../contract/errors.ts';
import { secretOf } from '../database/attempts.ts';
import type { BankFunction, Handlers } from '../process/define-function.ts';
import type { Environment } from '../process/environment.ts';
import type { CommandSchemas, Values } from '../reading/command.ts';
import { createIdentify, type Identify } from './idempotency.ts';
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
  identify: Identify;
};

export type BoundFunction = {
  contract: Contract;
  handlers: Handlers<Contract>;
  routes: ReadonlyMap<string, BoundRoute>;
  environment: Environment;
};

export function bindRoutes({ contract, bind }: BankFunction, environment: Environment): BoundFunction {
  const handlers = bind(environment);
  const { users, ledger, notifications } = environment.config.databaseUrls;
  // All routes of a function that keep keys at all keep them in one database.
  const identify = createIdentify(secretOf(users ?? ledger ?? notifications));
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
      identify,
    });
  }
  return { contract, handlers, routes, environment };
}

/**
 * The media type to answer with (RFC 9110, section 12.5.1): of the ranges that fit a type the most specific one counts, so that
 * `application/json;q=0, *\/*` is all but JSON. Throws 406 when the caller takes nothing of this route's. Where it has one type, only who says
 * no to that very type is refused: browsers and programs name what they like best, and read what they get.
 */
export function negotiate({ produces }: Pick<BoundRoute, 'produces'>, accept: string | undefined): string {
  const [first = 'application/json'] = produces;
  if (accept === undefined || produces.length === 0) return first;
  const ranges = accept.split(',').map(parseRange);
  let best = { type: '', quality: 0 };
  for (const type of produces) {
    const quality = qualityOf(type, ranges) ?? (produces.length === 1 ? 1 : 0);
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

type Range = { range: string; quality: number };

/** Undefined when no range fits. */
function qualityOf(type: string, ranges: readonly Range[]): number | undefined {
  for (const fitting of [type, `${type.split('/')[0]}/*`, '*/*']) {
    const found = ranges.filter(({ range }) => range === fitting);
    if (found.length > 0) return Math.max(...found.map(({ quality }) => quality));
  }
  return undefined;
}

function parseRange(text: string): Range {
  const [range = '', ...parameters] = text.split(';').map((part) => part.trim().toLowerCase());
  const quality = Number(parameters.find((parameter) => parameter.startsWith('q='))?.slice(2) ?? 1);
  return { range, quality: Number.isNaN(quality) ? 1 : Math.min(quality, 1) };
}
