// Turns a Kubernetes schema into a strict JSON Schema: fields that it does not name are errors, as for `kubectl apply`.

export type Schema = {
  type?: string;
  properties?: Record<string, Schema>;
  additionalProperties?: Schema | boolean;
  items?: Schema;
  $ref?: string;
  [keyword: string]: unknown;
};

/** What says nothing about validity, or what only the API server can judge (its CEL rules among them). */
const dropped = new Set(['description', 'default', 'example', 'externalDocs', 'title', 'nullable', 'format']);
const combinations = ['allOf', 'anyOf', 'oneOf'] as const;

/**
 * Stricter than the API server: where a definition names fields and keeps unknown ones as well, as Eventing's do, these are errors, too.
 * `open`: inside allOf and its like, where a part does not name all fields.
 */
export function strict(schema: Schema, open = false): Schema {
  if (schema['x-kubernetes-int-or-string'] === true || schema.format === 'int-or-string') {
    return { type: ['integer', 'string'] as never };
  }
  const result: Schema = {};
  for (const [keyword, value] of Object.entries(schema)) {
    if (dropped.has(keyword) || keyword.startsWith('x-kubernetes-')) continue;
    result[keyword] = keyword === 'pattern' ? ofEcmaScript(value as string) : value;
  }
  if (schema.$ref !== undefined) result.$ref = schema.$ref.replace('#/components/schemas/', '#/definitions/');
  if (schema.items) result.items = strict(schema.items);
  if (schema.properties) result.properties = eachProperty(schema.properties);
  if (typeof schema.additionalProperties === 'object')
    result.additionalProperties = strict(schema.additionalProperties);
  for (const combination of combinations) {
    const parts = schema[combination] as Schema[] | undefined;
    if (parts) result[combination] = parts.map((part) => strict(part, true));
  }
  if (isClosed(schema, open)) result.additionalProperties = false;
  return result;
}

/** Go's flags for a whole pattern, which ECMAScript has for a group. */
function ofEcmaScript(pattern: string): string {
  return pattern.replace(/^\^\(\?i\)(.*)\$$/, '^(?i:$1)$');
}

function eachProperty(properties: Record<string, Schema>): Record<string, Schema> {
  return Object.fromEntries(Object.entries(properties).map(([name, value]) => [name, strict(value)]));
}

function isClosed(schema: Schema, open: boolean): boolean {
  return !open && schema.properties !== undefined && schema.additionalProperties === undefined;
}
