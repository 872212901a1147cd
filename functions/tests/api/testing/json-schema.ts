// JSON Schema 2020-12 with the formats that our contracts use, to hold answers against what the document promises.
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import { resolve, type OpenApiDocument } from './openapi-document.ts';

const ajv = new Ajv2020({ strict: true, strictTypes: false, allErrors: true, allowUnionTypes: true });
ajv.addVocabulary(['example']); // OpenAPI's own addition to JSON Schema.
for (const [name, format] of Object.entries({
  'date-time': /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/,
  date: /^\d{4}-\d\d-\d\d$/,
  email: /^[^@\s]+@[^@\s]+$/,
  uri: /^[a-z]+:\S+$/,
  'json-pointer': /^(\/([^~/]|~[01])*)*$/,
  password: /^/,
  uuid: /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i,
})) {
  ajv.addFormat(name, format);
}

/** Throws when it is no schema: a keyword or a format that nobody knows, a type that is none. */
export function compile(document: OpenApiDocument, schema: unknown): ValidateFunction {
  const { $ref } = schema as { $ref?: string };
  return ajv.compile(($ref === undefined ? schema : resolve(document, $ref)) as object);
}

/** What is wrong with the value, in words. */
export function errorsOf(validate: ValidateFunction, value: unknown): string[] {
  return validate(value)
    ? []
    : (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`);
}
