// The answers of an operation as the OpenAPI document tells them: what it gives, each 4xx with its codes, and what it says when something broke.
import type { Contract, Route } from '../contract/function.ts';
import { problemCodes } from './problem-codes.ts';

type Json = Record<string, unknown>;

const problem = (description: string): Json => ({
  description,
  content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
});

/** By status: what every operation of its kind may answer, and the refusals of this one. Throws for a code that nobody has described. */
export function describeProblems(contract: Contract, routeKey: string, route: Route): Json {
  const codes = [...commonCodes(contract, routeKey, route), ...(route.refusals ?? [])];
  const byStatus = new Map<number, Set<string>>();
  for (const code of codes) {
    const known = problemCodes[code];
    if (!known) throw new Error(`${routeKey} refuses with ${code}, which problem-codes.ts does not have`);
    for (const status of [known[0]].flat()) byStatus.set(status, (byStatus.get(status) ?? new Set()).add(code));
  }
  const described = [...byStatus].map(([status, those]): [number, Json] => {
    if (status === 429 && those.size === 1 && those.has('too_many_attempts')) return [status, tooManyReference];
    const lines = [...those].sort().map((code) => `\`${code}\`: ${problemCodes[code]?.[1] ?? ''}`);
    const one = problem(`${lines.join('; ')}.`);
    return [status, status === 429 ? { ...one, headers: tooMany.headers } : one];
  });
  return { ...Object.fromEntries(described), '5XX': { $ref: '#/components/responses/Broken' } };
}

/** What is refused before a handler is asked. */
function commonCodes(contract: Contract, routeKey: string, route: Route): string[] {
  const isRead = routeKey.startsWith('GET ');
  const takesEvents = routeKey.startsWith('POST ') && contract.command?.route === routeKey;
  return [
    ...(isRead ? [] : ['idempotency_key_invalid', 'csrf_refused']),
    ...(routeKey.startsWith('POST ') ? ['cloudevent_invalid'] : []),
    ...(takesEvents ? ['cloudevent_type_unexpected'] : []),
    // A body is read wherever one is sent.
    'malformed_json',
    'body_too_large',
    'unsupported_content_encoding',
    'unsupported_media_type',
    'unauthenticated',
    'session_ended',
    ...(route.access === 'anyone' ? [] : ['forbidden']),
    ...(route.answer ? ['not_acceptable'] : []),
    'validation_failed',
    'too_many_attempts',
  ];
}

const tooManyReference: Json = { $ref: '#/components/responses/TooMany' };

const tooMany = {
  ...problem(
    'Tried too often, by this caller or from this network: wait as long as Retry-After says. Limits are per caller and network, and ' +
      'waits grow with each attempt.',
  ),
  headers: {
    'Retry-After': { description: 'Seconds until it may be tried again', schema: { type: 'integer', minimum: 1 } },
    RateLimit: {
      description:
        'draft-ietf-httpapi-ratelimit-headers-10: the policy, what is left of it (`r`) and until when, in seconds (`t`)',
      schema: { type: 'string' },
      example: '"sign-in";r=0;t=30',
    },
    'RateLimit-Policy': {
      description: 'The same draft: how often (`q`) within how many seconds (`w`)',
      schema: { type: 'string' },
      example: '"sign-in";q=5;w=2592000',
    },
  },
};

/** `components/responses`. */
export const sharedResponses: Json = {
  TooMany: tooMany,
  Broken: problem(
    'Something broke (500), or is away for now (503, with Retry-After); the same request may be sent again.',
  ),
};
