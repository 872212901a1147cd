// The OpenAPI 3.1 description of the bank, generated from the very schemas that validate requests.
import * as z from 'zod';
import type { Contract, Route } from '../contract/function.ts';
import { plainCookieName, secureCookieName } from '../access/session-cookie.ts';
import { ownPageHeader } from '../contract/headers.ts';

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
        'errors are RFC 9457 problems with a stable `code`.',
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
      responses: {
        Problem: {
          description: 'The bank says no (4xx) or something broke (5xx)',
          content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
        },
      },
    },
  };
}

function describeOperation(contract: Contract, routeKey: string, route: Route): Json {
  const { refusals = [], access, summary, example } = route;
  return {
    operationId: routeKey
      .replaceAll(/[^A-Za-z]+/g, '-')
      .replace(/-$/, '')
      .toLowerCase(),
    tags: [contract.name],
    summary,
    ...(refusals.length > 0 && { description: `Refusals: ${refusals.map((code) => `\`${code}\``).join(', ')}` }),
    security: [...(access === 'anyone' ? [{}] : []), { bearer: [] }, { cookie: [] }],
    parameters: [
      ...describeParameters('path', route.params, example?.command),
      ...describeParameters('query', route.query, example?.command),
      ...(route.idempotent ? [idempotencyKey] : []),
      ...(route.setsCookie && !routeKey.startsWith('GET ') ? [requestedWith] : []),
    ],
    ...(route.body && { requestBody: describeBody(route.body, example?.command) }),
    responses: { [route.status]: describeAnswer(route), default: { $ref: '#/components/responses/Problem' } },
  };
}

const idempotencyKey: Json = {
  name: 'Idempotency-Key',
  in: 'header',
  description:
    'The same key with the same request gives the same answer, and has its effect once. Kept for 24 h at least.',
  schema: { type: 'string', minLength: 1, maxLength: 255 },
};

const cookieScheme: Json = {
  type: 'apiKey',
  in: 'cookie',
  name: secureCookieName,
  description:
    `From POST /web-sessions, for browsers; over plain http its name is \`${plainCookieName}\`. An Authorization header wins. ` +
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
  return Object.entries(schema.shape).map(([name, field]) => ({
    name,
    in: place,
    // A parameter that may be left out is one whose schema takes nothing for an answer.
    required: !(field as z.ZodType).safeParse(undefined).success,
    // What a parameter means is its value after it was read from text.
    schema: toJsonSchema(field as z.ZodType, 'output'),
    ...(name in command && { example: command[name] }),
  }));
}

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
  const json: Json = z.toJSONSchema(schema, {
    io,
    unrepresentable: 'any',
    // `format` says it; the pattern behind it is half a page.
    override: ({ jsonSchema }) => {
      if (jsonSchema.format !== undefined) delete jsonSchema.pattern;
    },
  });
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
  },
};
