// The files that render.ts writes and the test compares: a Service each, their list, and the sums of README.md.
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { format } from 'prettier';
import { stringify } from 'yaml';
import { connectionsTable } from './connections.ts';
import { deployments, type Deployment } from './deployments.ts';
import { serviceOf } from './service.ts';

export const servicesFolder = fileURLToPath(new URL('../base/functions/', import.meta.url));
const readme = fileURLToPath(new URL('README.md', import.meta.url));

const kustomization = 'kustomization.yaml';
const tableMark = /(<!-- connections: made by render\.ts -->)[\s\S]*?(<!-- \/connections -->)/;

/** Text by path: all that is in the folder, and the README. */
export async function renderAll(): Promise<Map<string, string>> {
  const all = await deployments();
  const files = new Map<string, string>();
  for (const deployment of all) files.set(`${servicesFolder}${deployment.name}.yaml`, await serviceFile(deployment));
  files.set(`${servicesFolder}${kustomization}`, await listFile(all));
  const text = await readFile(readme, 'utf8');
  files.set(readme, await format(text.replace(tableMark, `$1\n\n${connectionsTable(all)}\n\n$2`), styleOf('markdown')));
  return files;
}

async function serviceFile(deployment: Deployment): Promise<string> {
  const origin = `# Rendered by platform/functions/render.ts from functions/${deployment.contract.name}/contract.ts: change that, or settings.ts beside it.\n`;
  return format(origin + stringify(serviceOf(deployment), { lineWidth: 0 }), styleOf('yaml'));
}

async function listFile(all: readonly Deployment[]): Promise<string> {
  const list = {
    apiVersion: 'kustomize.config.k8s.io/v1beta1',
    kind: 'Kustomization',
    labels: [{ pairs: { 'microbank.dev/part': 'functions' } }],
    resources: all.map(({ name }) => `${name}.yaml`),
  };
  return format(`# Rendered by platform/functions/render.ts.\n${stringify(list)}`, styleOf('yaml'));
}

/** The repository's own style, so that `prettier --check` agrees with what is written here. */
function styleOf(parser: 'yaml' | 'markdown') {
  return { parser, singleQuote: true, printWidth: 120 } as const;
}
