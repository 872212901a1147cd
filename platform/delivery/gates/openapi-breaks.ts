// Says what a change of the HTTP API would break for callers of the released one: a line each, beginning with the operation.
import { findBreaks } from '../../../eventing/contracts/compatibility.ts';
import type { Json } from '../../../eventing/events/data-schemas.ts';

type Content = Record<string, { schema?: Json } | undefined>;
type Parameter = { name: string; in: string; required?: boolean; schema?: Json };
type Answer = { $ref?: string; content?: Content };
type Operation = {
  parameters?: Parameter[];
  requestBody?: { required?: boolean; content?: Content };
  responses?: Record<string, Answer | undefined>;
  security?: object[];
};
export type OpenApi = { paths: Record<string, Record<string, Operation | undefined> | undefined> };

export function findOpenApiBreaks(released: OpenApi, current: OpenApi): string[] {
  return Object.entries(released.paths).flatMap(([path, methods = {}]) =>
    Object.entries(methods).flatMap(([method, was]) => {
      const name = `${method.toUpperCase()} ${path}`;
      const is = current.paths[path]?.[method];
      if (was === undefined) return [];
      return is === undefined ? [`${name}: is gone`] : compareOperations(was, is).map((line) => `${name}: ${line}`);
    }),
  );
}

function compareOperations(was: Operation, is: Operation): string[] {
  const breaks = [...compareParameters(was, is), ...compareBodies(was, is), ...compareAnswers(was, is)];
  if (isForAnyone(was) && !isForAnyone(is)) breaks.push('is no longer for anyone');
  return breaks;
}

/** What a caller may leave out of a request is a matter of the new description; what was understood still has to be. */
function compareParameters({ parameters: before = [] }: Operation, { parameters: now = [] }: Operation): string[] {
  const isSame = (a: Parameter) => (b: Parameter) => a.name === b.name && a.in === b.in;
  const breaks = now
    .filter((parameter) => parameter.required === true && before.find(isSame(parameter))?.required !== true)
    .map(({ name, in: place }) => `${place} parameter ${name} is now required`);
  for (const was of before) {
    const is = now.find(isSame(was));
    if (is === undefined) breaks.push(`${was.in} parameter ${was.name} is gone`);
    else breaks.push(...findBreaks(was.schema ?? {}, is.schema ?? {}, 'taken', `${was.in} parameter ${was.name}`));
  }
  return breaks;
}

function compareBodies({ requestBody: was }: Operation, { requestBody: is }: Operation): string[] {
  if (is === undefined) return was === undefined ? [] : ['takes no body any more'];
  if (was === undefined) return is.required === true ? ['a body is now required'] : [];
  return compareContents(was.content, is.content, 'taken', 'body');
}

/** Answers that say no are problems, all of one shape; here it is about what is answered when all is well. */
function compareAnswers({ responses: before = {} }: Operation, { responses: now = {} }: Operation): string[] {
  return Object.entries(before)
    .filter(([status]) => status.startsWith('2'))
    .flatMap(([status, was]) => {
      const is = now[status];
      if (is === undefined) return [`is no longer answered with ${status}`];
      return compareContents(was?.content, is.content, 'given', `answer ${status}`);
    });
}

function compareContents(
  before: Content = {},
  now: Content = {},
  direction: 'given' | 'taken',
  what: string,
): string[] {
  return Object.entries(before).flatMap(([type, was]) => {
    const is = now[type];
    if (is === undefined) return [`${what} is no longer ${type}`];
    return findBreaks(was?.schema ?? {}, is.schema ?? {}, direction, what);
  });
}

function isForAnyone({ security = [] }: Operation): boolean {
  return security.length === 0 || security.some((way) => Object.keys(way).length === 0);
}
