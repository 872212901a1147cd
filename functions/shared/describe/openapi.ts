// The OpenAPI 3.1 description of the bank, generated from the very schemas that validate requests.
import * as z from 'zod';
import type { Contract, Route } from '../contract/function.ts';
import { cookieName } from '../access/cookies.ts';
import { ownPageHeader } from '../contract/headers.ts';
import { portable } from '../contract/portable-pattern.ts';
import { describeProblems, sharedResponses } from './responses.ts';

type Json = Record<string, unknown>;

/** `basePath` is where the edge serves the functions; paths in the document are relative to it. */
export function createOpenApi(contracts: readonly Contract[], basePath = '/api'): Json {
  const paths: Record<string, Json> = {};
  for (const contract of contracts) {
    for (const [routeKey, route] of Object.entries(contract.routes)) {
      const [method = '', path = ''] = routeKey.split(' ');
      paths[path] = { ...paths[path], [method.toLowerCase()]: describeOperation(contract, routeKey, route) };
    }
  }
  return {
    openapi: '3.1.1',
    info: {
      title: 'microbank',
      version: '1.0.0',
      description:
        'A serverless bank. Money is a JSON number with at most the decimals of its currency; times are RFC 3339 in UTC; ' +
        'errors are RFC 9457 problems with a stable `code`. A slash at the end of a path is taken as well, which is deprecated.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: basePath }],
    tags: contracts
      .filter(({ routes }) => Object.keys(routes).length > 0)
      .map(({ name, summary }) => ({ name, description: summary })),
    paths,
    components: {
      securitySchemes: {
        bearer: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT', description: 'From POST /sessions' },
        cookie: cookieScheme,
      },
      schemas: { Problem: problemSchema },
      responses: sharedResponses,
    },
  };
}

function describeOperation(contract: Contract, routeKey: string, route: Route): Json {
  const { access, summary, example } = route;
  return {
    operationId: routeKey
      .replaceAll(/[^A-Za-z]+/g, '-')
      .replace(/-$/, '')
      .toLowerCase(),
    tags: [contract.name],
    summary,
    description: describeRoute(contract, routeKey, route),
    security: [...(access === 'anyone' ? [{}] : []), { bearer: [] }, { cookie: [] }],
    parameters: [
      ...describeParameters('path', route.params, example?.command),
      ...describeParameters('query', route.query, example?.command),
      ...(route.idempotent ? [idempotencyKey] : []),
      ...(route.setsCookie && !routeKey.startsWith('GET ') ? [requestedWith] : []),
    ],
    ...(route.body && { requestBody: describeBody(route.body, example?.command) }),
    responses: {
      [route.status]: describeAnswer(route),
      ...(route.etag && { 304: notModified }),
      ...describeProblems(contract, routeKey, route),
    },
  };
}

const idempotencyKey: Json = {
  name: 'Idempotency-Key',
  in: 'header',
  description:
    'The same key with the same request gives the same answer, and has its effect once. Kept for 24 h at least.',
  schema: { type: 'string', minLength: 1, maxLength: 255, pattern: '^[!-~]([ -~]*[!-~])?$' },
};

const notModified: Json = {
  description: 'It has not changed: If-None-Match names its ETag.',
  headers: { ETag: { description: 'As it was sent before', schema: { type: 'string' } } },
};

/** Who may, how it comes as an event, and what the refusals are called. */
function describeRoute({ command }: Contract, routeKey: string, { access, idempotent, refusals = [] }: Route): string {
  const who = { anyone: 'For everybody', 'signed-in': 'For whoever has signed in', teller: 'For tellers' }[access];
  const sentences = [
    who,
    ...(idempotent ? ['With an Idempotency-Key it can be sent again safely'] : []),
    ...(command?.route === routeKey ? [`The broker takes it as \`${command.type}\``] : []),
    ...(refusals.length > 0 ? [`Refusals: ${refusals.map((code) => `\`${code}\``).join(', ')}`] : []),
  ];
  return `${sentences.join('. ')}.`;
}

const cookieScheme: Json = {
  type: 'apiKey',
  in: 'cookie',
  name: cookieName('session', true),
  description:
    `From POST /web-sessions, for browsers; over plain http its name is \`${cookieName('session', false)}\`. An Authorization header wins. ` +
    `Every method but GET needs \`X-Requested-With: ${ownPageHeader.value}\` beside it, and of Sec-Fetch-Site, where the ` +
    'browser sends it, `same-origin`; else the refusal is 403 `csrf_refused`.',
};

const requestedWith: Json = {
  name: 'X-Requested-With',
  in: 'header',
  description: `\`${ownPageHeader.value}\`, unless there is a bearer token: pages of other origins can't send it.`,
  schema: { type: 'string' },
  example: ownPageHeader.value,
};

function describeParameters(place: 'path' | 'query', schema: z.ZodObject | undefined, command: Json = {}): Json[] {
  if (!schema) return [];
  return Object.entries(schema.shape).map(([name, field]) => {
    // What a parameter means is its value after it was read from text.
    const { description = parameterWords[`${place} ${name}`], ...json } = toJsonSchema(field as z.ZodType, 'output');
    if (description === undefined) throw new Error(`the ${place} parameter ${name} says nowhere what it is`);
    return {
      name,
      in: place,
      description,
      // A parameter that may be left out is one whose schema takes nothing for an answer.
      required: !(field as z.ZodType).safeParse(undefined).success,
      schema: json,
      ...(name in command && { example: command[name] }),
    };
  });
}

/** Of parameters whose schemas, which others share, do not say. */
const parameterWords: Readonly<Record<string, string>> = {
  'path id': 'Its id, as its list has it.',
  'query type': 'Only transactions of this type.',
};

function describeBody(body: z.ZodObject, command: Json | undefined): Json {
  const example = command && Object.fromEntries(Object.entries(command).filter(([name]) => name in body.shape));
  const required = !body.safeParse({}).success;
  return {
    required,
    content: { 'application/json': { schema: toJsonSchema(body, 'input'), ...(example && { example }) } },
  };
}

function describeAnswer(route: Route): Json {
  const content: Json = {};
  const { answer, alsoProduces = [], example } = route;
  if (answer) {
    content['application/json'] = {
      schema: toJsonSchema(answer, 'output'),
      ...(example && 'answer' in example && { example: example.answer }),
    };
  }
  for (const type of alsoProduces) content[type] = { schema: { type: 'string' } };
  const headers = describeHeaders(route);
  return {
    description: { 200: 'Done', 201: 'Created', 204: 'Done; there is nothing to say' }[route.status],
    ...(Object.keys(headers).length > 0 && { headers }),
    ...(Object.keys(content).length > 0 && { content }),
  };
}

function describeHeaders({ location, etag, setsCookie, idempotent, answer, query }: Route): Json {
  const text = (description: string): Json => ({ description, schema: { type: 'string' } });
  return {
    ...(location && { Location: text('Where it is now') }),
    ...(etag && { ETag: text('Changes with every change; compare with If-None-Match') }),
    ...(setsCookie && { 'Set-Cookie': text('The session: HttpOnly, SameSite=Strict, as long as its token is good') }),
    ...(idempotent && { 'Idempotency-Replayed': text('`true` when this answer was stored and is given again') }),
    ...(answer && query && 'cursor' in query.shape && { Link: text('`rel="next"`: the next page, if there is one') }),
  };
}

function toJsonSchema(schema: z.ZodType, io: 'input' | 'output'): Json {
  const json: Json = z.toJSONSchema(schema, { io, unrepresentable: 'any', override: portable });
  delete json['$schema'];
  return json;
}

const problemSchema: Json = {
  type: 'object',
  description: 'RFC 9457',
  required: ['type', 'title', 'status', 'code'],
  properties: {
    type: { type: 'string', format: 'uri' },
    title: { type: 'string' },
    status: { type: 'integer' },
    detail: { type: 'string' },
    code: { type: 'string', description: 'Stable; decide by it' },
    errors: {
      type: 'array',
      items: {
        type: 'object',
        required: ['pointer', 'detail'],
        properties: { pointer: { type: 'string', format: 'json-pointer' }, detail: { type: 'string' } },
      },
    },
    trace_id: { type: 'string' },
    passkey_options: {
      type: 'object',
      description: 'With `passkey_required`: what POST /web-sessions/passkey-options answers, for this person',
    },
  },
};
