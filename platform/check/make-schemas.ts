// Makes schemas/*.json anew from the Go modules of schema-sources.ts; needs Go. `node platform/check/make-schemas.ts`
import { execFileSync } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'yaml';
import { strict, type Schema } from './strict-schema.ts';
import { definitions, kubernetes, type KubernetesKind } from './schema-sources.ts';

type Components = { components: { schemas: Record<string, OpenApiSchema> } };
type OpenApiSchema = Schema & { 'x-kubernetes-group-version-kind'?: KubernetesKind[] };
type Definition = {
  spec: {
    group: string;
    names: { kind: string };
    versions: { name: string; served: boolean; schema: { openAPIV3Schema: Schema } }[];
  };
};

const schemas = new URL('schemas/', import.meta.url);
await writeCompact('kubernetes.json', await kubernetesSchemas());
for (const source of definitions) await writeCompact(fileOf(source.module), await definitionSchemas(source));

/** The kinds and whatever they refer to, as `definitions`; `kinds` says which is which. */
async function kubernetesSchemas(): Promise<object> {
  const folder = moduleFolder(kubernetes.module);
  const kinds: Record<string, string> = {};
  const found: Record<string, Schema> = {};
  for (const wanted of kubernetes.kinds) {
    const group = wanted.group === '' ? 'api' : `apis__${wanted.group}`;
    const file = join(folder, 'api/openapi-spec/v3', `${group}__${wanted.version}_openapi.json`);
    const all = (JSON.parse(await readFile(file, 'utf8')) as Components).components.schemas;
    const name = Object.keys(all).find((key) =>
      all[key]?.['x-kubernetes-group-version-kind']?.some((of) => isSame(of, wanted)),
    );
    if (name === undefined) throw new Error(`${file} has no ${wanted.kind}`);
    kinds[`${wanted.group}/${wanted.version}/${wanted.kind}`] = name;
    addWithReferences(name, all, found);
  }
  return { source: kubernetes.module, kinds, definitions: found };
}

function isSame(of: KubernetesKind, wanted: KubernetesKind): boolean {
  return of.group === wanted.group && of.version === wanted.version && of.kind === wanted.kind;
}

function addWithReferences(name: string, all: Record<string, Schema>, found: Record<string, Schema>): void {
  if (found[name] !== undefined) return;
  const schema = strict(all[name] as Schema);
  found[name] = schema;
  const references = JSON.stringify(schema).matchAll(/"#\/definitions\/([^"]+)"/g);
  for (const [, other] of references) addWithReferences(other as string, all, found);
}

async function definitionSchemas({ module, files }: (typeof definitions)[number]): Promise<object> {
  const kinds: Record<string, string> = {};
  const found: Record<string, Schema> = {};
  for (const file of files) {
    const { spec } = parse(await readFile(join(moduleFolder(module), file), 'utf8')) as Definition;
    for (const version of spec.versions.filter(({ served }) => served)) {
      const name = `${spec.group}/${version.name}/${spec.names.kind}`;
      kinds[name] = name.replaceAll('/', '.');
      found[name.replaceAll('/', '.')] = withDeliveryTimeout(strict(withTypeMeta(version.schema.openAPIV3Schema)));
    }
  }
  return { source: `${module}: ${files.join(', ')}`, kinds, definitions: found };
}

/** The API server adds these to every definition; metadata is Kubernetes' own, which validate.ts puts in. */
function withTypeMeta({ properties = {}, ...schema }: Schema): Schema {
  const own = { ...properties };
  delete own.status;
  const typeMeta = { apiVersion: { type: 'string' }, kind: { type: 'string' }, metadata: {} };
  return { ...schema, properties: { ...own, ...typeMeta } };
}

/** The one field that Eventing has and its definitions do not name: they keep unknown fields for its sake. */
function withDeliveryTimeout(schema: Schema): Schema {
  const delivery = schema.properties?.spec?.properties?.delivery?.properties;
  if (delivery?.backoffDelay !== undefined) delivery.timeout = { type: 'string' };
  return schema;
}

function moduleFolder(module: string): string {
  const said = execFileSync('go', ['mod', 'download', '-json', module], { encoding: 'utf8' });
  return (JSON.parse(said) as { Dir: string }).Dir;
}

/** knative.dev/serving@v0.50.0 → knative.dev-serving.json */
function fileOf(module: string): string {
  return `${module
    .replace(/@.*/, '')
    .replace(/^github\.com\//, '')
    .replaceAll('/', '-')}.json`;
}

async function writeCompact(name: string, content: object): Promise<void> {
  const text = `${JSON.stringify(content)}\n`;
  await writeFile(new URL(name, schemas), text);
  console.log(`${name}: ${Math.ceil(text.length / 1024)} KiB`);
}
