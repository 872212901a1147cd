// Every path that the edge knows under /api, and what becomes of each method there: asked of the router that the functions and the
// local gateway have, so that all three agree. Next in the story: platform/edge/render-routes.ts.
import type { Contract, Route } from '../../functions/shared/contract/function.ts';
import { createRouter, splitRouteKey, type Router } from '../../functions/shared/serving/router.ts';

/** Where a request is handled: one location of nginx each. */
type Place = 'read' | 'change' | 'stream' | 'kept' | 'document' | 'keys' | 'event-keys';
export type EdgeMethod = {
  place: Place;
  /** The function that gets it; none for what the edge has as a file. */
  functionName?: string;
  /** Anybody may call it, and it costs a password hash. */
  isSignIn: boolean;
};
export type EdgePath = {
  /** With the prefix, e.g. `/api/accounts/{id}`. */
  template: string;
  methods: ReadonlyMap<string, EdgeMethod>;
  allow: readonly string[];
  /** By method: what to do in its place. */
  instead: ReadonlyMap<string, string>;
};

export const prefix = '/api';
const documentPaths = [`${prefix}/openapi.json`, `${prefix}/asyncapi.json`] as const;
/** Sign-in's route; at the edge a file, here and without the prefix, so that no function wakes another for it. */
const keysPath = '/.well-known/jwks.json';
/** What functions verify each other's events and questions with; only a file. */
const eventKeysPath = '/.well-known/event-keys.json';

/** The first that fits a path is the one that the router finds: fixed segments before parameters, from the left. */
export function edgePaths(contracts: readonly Contract[]): EdgePath[] {
  const router = createRouter(contracts);
  const templates = new Map<string, string>();
  for (const { routes, instead = {} } of contracts) {
    for (const key of [...Object.keys(routes), ...Object.keys(instead)]) {
      const [, template] = splitRouteKey(key);
      // Two contracts may call the parameter of one path by two names.
      templates.set(shapeOf(template), template);
    }
  }
  const ofFunctions = [...templates].map(([shape, template]) => pathOf(router, contracts, shape, template));
  const files = [filePath(keysPath, 'keys'), filePath(eventKeysPath, 'event-keys')];
  return [...files, ...documentPaths.map((path) => filePath(path, 'document')), ...ofFunctions].sort((a, b) =>
    compareTemplates(a.template, b.template),
  );
}

const parameter = /\{\w+\}/g;

function shapeOf(template: string): string {
  return template.replace(parameter, '{}');
}

function pathOf(router: Router, contracts: readonly Contract[], shape: string, template: string): EdgePath {
  const sample = template.replace(parameter, '-');
  const options = router.match('OPTIONS', sample);
  if (options.kind !== 'options') throw new Error(`OPTIONS ${template} is a route: the edge answers it by itself`);

  const methods = new Map<string, EdgeMethod>();
  for (const method of options.allow) {
    const match = router.match(method, sample);
    if (match.kind === 'route') methods.set(method, methodOf(method, template, match.contract.name, match.route));
  }
  const instead = new Map<string, string>();
  for (const key of contracts.flatMap((contract) => Object.keys(contract.instead ?? {}))) {
    const [method, itsTemplate] = splitRouteKey(key);
    const match = router.match(method, sample);
    if (shapeOf(itsTemplate) !== shape || match.kind !== 'wrong-method') continue;
    if (match.instead !== undefined) instead.set(method, match.instead);
  }
  return { template: prefix + template, methods, allow: options.allow, instead };
}

function methodOf(method: string, template: string, functionName: string, route: Route): EdgeMethod {
  if (template === keysPath) return { place: 'keys', isSignIn: false };
  const isRead = method === 'GET' || method === 'HEAD';
  const isStream = route.alsoProduces?.includes('text/event-stream') === true;
  const isKept = isRead && route.freshSeconds !== undefined;
  const place = isStream ? 'stream' : isKept ? 'kept' : isRead ? 'read' : 'change';
  return { place, functionName, isSignIn: method === 'POST' && takesPassword(route) };
}

function takesPassword({ access, body }: Route): boolean {
  return access === 'anyone' && Object.keys(body?.shape ?? {}).some((field) => field.includes('password'));
}

function filePath(template: string, place: Place): EdgePath {
  const methods = new Map(['GET', 'HEAD'].map((method) => [method, { place, isSignIn: false }]));
  return { template, methods, allow: ['GET', 'HEAD', 'OPTIONS'], instead: new Map() };
}

function compareTemplates(a: string, b: string): number {
  const [left, right] = [a.split('/'), b.split('/')];
  for (let i = 0; i < Math.min(left.length, right.length); i++) {
    const [one, other] = [left[i] ?? '', right[i] ?? ''];
    const isOneParameter = one.startsWith('{');
    if (isOneParameter !== other.startsWith('{')) return isOneParameter ? 1 : -1;
    if (!isOneParameter && one !== other) return one < other ? -1 : 1;
  }
  return left.length - right.length;
}
