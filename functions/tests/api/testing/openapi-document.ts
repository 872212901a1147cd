// What an OpenAPI 3.1 document has to look like, as far as ours goes: strict, so that a key which 3.1 does not know fails.
import * as z from 'zod';

const text = z.string().min(1);
/** JSON Schema 2020-12; compiled by the test. */
const schema = z.record(z.string(), z.unknown());
const media = z.strictObject({ schema, example: z.unknown().optional() });
const header = z.strictObject({ description: text, schema, example: z.unknown().optional() });
const response = z.strictObject({
  description: text,
  headers: z.record(z.string(), header).optional(),
  content: z.record(z.string().regex(/^\w+\/[\w.+-]+$/), media).optional(),
});
const reference = z.strictObject({ $ref: z.string().regex(/^#\/components\//) });
const parameter = z.strictObject({
  name: text,
  in: z.enum(['path', 'query', 'header']),
  description: text,
  required: z.boolean().optional(),
  schema,
  example: z.unknown().optional(),
});
const operation = z.strictObject({
  operationId: z.string().regex(/^[a-z][a-z-]*[a-z]$/),
  tags: z.array(text).length(1),
  summary: text,
  description: text,
  security: z.array(z.record(z.string(), z.tuple([]))).min(1),
  parameters: z.array(parameter),
  requestBody: z
    .strictObject({ required: z.boolean(), content: z.strictObject({ 'application/json': media }) })
    .optional(),
  responses: z.record(z.string().regex(/^([1-4]\d\d|5XX)$/), z.union([response, reference])),
});

export const openApiDocument = z.strictObject({
  openapi: z.string().regex(/^3\.1\.\d+$/),
  info: z.strictObject({
    title: text,
    version: text,
    description: text,
    license: z.strictObject({ name: text, identifier: text }),
  }),
  servers: z.array(z.strictObject({ url: text })),
  tags: z.array(z.strictObject({ name: text, description: text })),
  paths: z.record(
    z.string().startsWith('/'),
    z.partialRecord(z.enum(['get', 'post', 'put', 'patch', 'delete']), operation),
  ),
  components: z.strictObject({
    securitySchemes: z.record(z.string(), z.record(z.string(), z.unknown())),
    schemas: z.record(z.string(), schema),
    responses: z.record(z.string(), response),
  }),
});

export type OpenApiDocument = z.output<typeof openApiDocument>;
export type Operation = z.output<typeof operation> & { method: string; path: string; key: string };

/** Every operation with its place, in the order of the document. */
export function operationsOf({ paths }: OpenApiDocument): Operation[] {
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([name, described]) => {
      const method = name.toUpperCase();
      return { ...described, method, path, key: `${method} ${path}` };
    }),
  );
}

/** All values under a key, anywhere in the document. */
export function findAll(node: unknown, key: string): unknown[] {
  if (typeof node !== 'object' || node === null) return [];
  return Object.entries(node as Record<string, unknown>).flatMap(([name, value]) =>
    name === key ? [value] : findAll(value, key),
  );
}

/** What a `#/…` reference points at; undefined for nothing. */
export function resolve(document: unknown, reference: string): unknown {
  const steps = reference.slice(2).split('/');
  return steps.reduce<unknown>(
    (node, step) => (node as Record<string, unknown> | undefined)?.[step.replaceAll('~1', '/').replaceAll('~0', '~')],
    document,
  );
}

/** The status that means success; an operation has one. */
export function statusOf({ responses }: Operation): number {
  return Number(Object.keys(responses).find((status) => status.startsWith('2')));
}

type Media = Record<string, z.output<typeof media>>;

/** What a successful answer may be, by media type. */
export function answersOf(operation: Operation): Media {
  return (operation.responses[statusOf(operation)] as { content?: Media }).content ?? {};
}
