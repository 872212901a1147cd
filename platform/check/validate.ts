// Validates an object against the schema of its kind, strictly; an object of an unknown kind has no schema and is refused.
import { readdir, readFile } from 'node:fs/promises';
import { Ajv, type ErrorObject, type ValidateFunction } from 'ajv';
import type { Manifest } from './manifest.ts';
import { rabbitmqDefinitions, rabbitmqKinds } from './rabbitmq-schemas.ts';
import type { Schema } from './strict-schema.ts';

type SchemaFile = { kinds: Record<string, string>; definitions: Record<string, Schema> };

/** One line per problem: `<kind> <name>: <field>: <what is wrong>`. */
export type Validate = (manifest: Manifest) => string[];

const folder = new URL('schemas/', import.meta.url);
const kubernetes = 'kubernetes.json';
const partialKubernetes = 'kubernetes-partial.json';

export async function createValidate(): Promise<Validate> {
  const ajv = new Ajv({ allErrors: true, strict: false, validateFormats: false });
  const references = await addSchemas(ajv);
  const compiled = new Map<string, ValidateFunction>();
  const compile = (reference: string): ValidateFunction => {
    const known = compiled.get(reference) ?? ajv.compile({ $ref: reference });
    compiled.set(reference, known);
    return known;
  };
  const metadata = compile(`${kubernetes}#/definitions/io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta`);

  return (manifest) => {
    const { apiVersion, kind } = manifest;
    const subject = `${kind} ${manifest.metadata.name}`;
    const reference = references.get(`${apiVersion.includes('/') ? '' : '/'}${apiVersion}/${kind}`);
    if (reference === undefined) return [`${subject}: there is no schema for ${apiVersion} ${kind}`];
    const problems: string[] = [];
    const check = (validate: ValidateFunction, value: unknown, at: string): void => {
      if (!validate(value)) problems.push(...(validate.errors ?? []).map((error) => describe(subject, at, error)));
    };
    check(compile(reference), manifest, '');
    check(metadata, manifest.metadata, '/metadata');
    return [...new Set(problems)];
  };
}

/** Where the schema of each kind is: `<file>#/definitions/<name>` by `<group>/<version>/<kind>`. */
async function addSchemas(ajv: Ajv): Promise<Map<string, string>> {
  const references = new Map<string, string>();
  const add = (file: string, { kinds, definitions }: SchemaFile): void => {
    ajv.addSchema({ $id: file, definitions });
    for (const [kind, name] of Object.entries(kinds)) references.set(kind, `${file}#/definitions/${name}`);
  };
  for (const file of (await readdir(folder)).filter((name) => name.endsWith('.json'))) {
    const content = JSON.parse(await readFile(new URL(file, folder), 'utf8')) as SchemaFile;
    add(file, content);
    if (file === kubernetes) {
      add(partialKubernetes, {
        kinds: {},
        definitions: withoutRequired(content.definitions) as Record<string, Schema>,
      });
    }
  }
  add('rabbitmq.json', { kinds: rabbitmqKinds, definitions: rabbitmqDefinitions(partialKubernetes, kubernetes) });
  return references;
}

function withoutRequired(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutRequired);
  if (typeof value !== 'object' || value === null) return value;
  const kept = Object.entries(value).filter(([key, of]) => key !== 'required' || !Array.isArray(of));
  return Object.fromEntries(kept.map(([key, of]) => [key, withoutRequired(of)]));
}

function describe(subject: string, at: string, error: ErrorObject): string {
  const field = `${at}${error.instancePath}`.slice(1).replaceAll('/', '.') || 'object';
  const unknown = error.params.additionalProperty as string | undefined;
  return `${subject}: ${field}: ${unknown === undefined ? error.message : `has no field ${unknown}`}`;
}
