// Finds the route that a method and a path belong to, from the keys of the functions' own contracts.
import type { Contract, Route } from '../contract/function.ts';

export type RouteMatch = {
  kind: 'route';
  contract: Contract;
  routeKey: RouteKey;
  route: Route;
  params: Record<string, string>;
};
type WrongMethod = { kind: 'wrong-method'; allow: readonly string[]; instead: string | undefined };
type OptionsMatch = { kind: 'options'; allow: readonly string[] };
export type Match = RouteMatch | WrongMethod | OptionsMatch | { kind: 'unknown' };
export type RouteKey = keyof Contract['routes'];
export type Router = { match: (method: string, path: string) => Match };

type Target = { contract: Contract; routeKey: RouteKey; route: Route; parameterNames: readonly string[] };
type Node = {
  statics: Map<string, Node>;
  parameter: Node | undefined;
  methods: Map<string, Target>;
  instead: Map<string, string>;
};

/**
 * Routes of one function, or of all of them (gateway). A static segment wins over a parameter: `/notifications/stream` is
 * never a notification whose id is "stream". Two contracts that claim one route are a programming fault.
 */
export function createRouter(contracts: readonly Contract[]): Router {
  const root = emptyNode();
  for (const contract of contracts) {
    for (const [key, route] of Object.entries(contract.routes)) addRoute(root, contract, key as RouteKey, route);
    for (const [key, instead] of Object.entries(contract.instead ?? {})) addInstead(root, key, instead);
  }

  return {
    match(method, path) {
      const segments = withoutSlash(path).split('/');
      const values: string[] = [];
      const node = find(root, segments, 1, values);
      if (!node) return { kind: 'unknown' };

      const target = node.methods.get(method === 'HEAD' ? 'GET' : method);
      if (!target) return withoutTarget(node, method);
      const params: Record<string, string> = {};
      for (let i = 0; i < values.length; i++) params[target.parameterNames[i] as string] = decode(values[i] as string);
      return { kind: 'route', contract: target.contract, routeKey: target.routeKey, route: target.route, params };
    },
  };
}

/** The original took a path with a slash at its end for the same without it. More than one name other, empty segments. */
function withoutSlash(path: string): string {
  return path.length > 1 && path.endsWith('/') ? path.slice(0, -1) : path;
}

/** `['GET', '/accounts/{id}']` of `GET /accounts/{id}`. */
export function splitRouteKey(key: string): [method: string, template: string] {
  const space = key.indexOf(' ');
  return [key.slice(0, space), key.slice(space + 1)];
}

function addRoute(root: Node, contract: Contract, routeKey: RouteKey, route: Route) {
  const [method, template] = splitRouteKey(routeKey);
  const { node, parameterNames } = nodeOf(root, template);
  const taken = node.methods.get(method);
  if (taken) throw new Error(`${contract.name} and ${taken.contract.name} both claim ${routeKey}`);
  node.methods.set(method, { contract, routeKey, route, parameterNames });
}

function addInstead(root: Node, key: string, instead: string) {
  const [method, template] = splitRouteKey(key);
  nodeOf(root, template).node.instead.set(method, instead);
}

function nodeOf(root: Node, template: string): { node: Node; parameterNames: string[] } {
  const parameterNames: string[] = [];
  let node = root;
  for (const segment of template.split('/').slice(1)) {
    const parameter = /^\{(\w+)\}$/.exec(segment);
    if (parameter) {
      parameterNames.push(parameter[1] as string);
      node = node.parameter ??= emptyNode();
    } else {
      let next = node.statics.get(segment);
      if (!next) node.statics.set(segment, (next = emptyNode()));
      node = next;
    }
  }
  return { node, parameterNames };
}

function find(node: Node, segments: readonly string[], at: number, values: string[]): Node | undefined {
  if (at === segments.length) return node.methods.size + node.instead.size > 0 ? node : undefined;
  const segment = segments[at] as string;

  const fixed = node.statics.get(segment);
  const found = fixed && find(fixed, segments, at + 1, values);
  if (found) return found;
  if (!node.parameter || segment === '') return undefined;

  values.push(segment);
  const under = find(node.parameter, segments, at + 1, values);
  if (!under) values.pop();
  return under;
}

function withoutTarget(node: Node, method: string): WrongMethod | OptionsMatch {
  const allow = [...node.methods.keys()];
  if (node.methods.has('GET')) allow.push('HEAD');
  allow.push('OPTIONS');
  return method === 'OPTIONS'
    ? { kind: 'options', allow }
    : { kind: 'wrong-method', allow, instead: node.instead.get(method) };
}

function emptyNode(): Node {
  return { statics: new Map(), parameter: undefined, methods: new Map(), instead: new Map() };
}

function decode(segment: string): string {
  if (!segment.includes('%')) return segment;
  try {
    return decodeURIComponent(segment);
  } catch {
    // Left as it is: no parameter's schema takes a bare percent sign, so the caller gets a 422 that names it.
    return segment;
  }
}
