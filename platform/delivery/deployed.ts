// What is deployed: platform/deployed/images.json, and the kustomization beside it that puts it into manifests. On the branch `deployed`
// both say what runs; on main they are empty. Nobody edits either by hand.
import { glob, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'yaml';
import type { Git } from './git.ts';

/** Of one image: what it is called in the registry, what it holds (platform/images/contents.ts), and the commit that it was built from. */
export type DeployedImage = { digest: string; content: string; commit: string };
export type Deployed = {
  registry: string;
  /** The commit of main whose manifests go with it; none where nothing was deployed yet, as on main itself. */
  source?: string;
  images: Record<string, DeployedImage>;
  /** Contents that were rolled back, by image: they are not deployed again until somebody changes them. */
  refused?: Record<string, string>;
};

export const deployedFolder = 'platform/deployed';
const record = `${deployedFolder}/images.json`;
const kustomization = `${deployedFolder}/kustomization.yaml`;

export async function readDeployed(checkout: string): Promise<Deployed> {
  return JSON.parse(await readFile(join(checkout, record), 'utf8')) as Deployed;
}

/** As it is in a commit. */
export async function readDeployedOf(git: Git, commit: string): Promise<Deployed> {
  return JSON.parse(await git('show', `${commit}:${record}`)) as Deployed;
}

/** Both files, so that they never disagree. Names are sorted: a commit shows what changed and nothing else. */
export async function writeDeployed(checkout: string, deployed: Deployed): Promise<void> {
  const images = Object.fromEntries(Object.entries(deployed.images).sort(([a], [b]) => (a < b ? -1 : 1)));
  await mkdir(join(checkout, deployedFolder), { recursive: true });
  await writeFile(join(checkout, record), `${JSON.stringify({ ...deployed, images }, null, 2)}\n`);
  await writeFile(join(checkout, kustomization), renderDeployed(deployed, await servicesOf(checkout)));
}

/** Knative Services by the function that they run: relay runs twice. */
async function servicesOf(checkout: string): Promise<Map<string, string[]>> {
  const services = new Map<string, string[]>();
  for await (const file of glob('platform/base/functions/*.yaml', { cwd: checkout })) {
    const { kind, metadata, spec } = parse(await readFile(join(checkout, file), 'utf8')) as Service;
    const [container] = kind === 'Service' ? spec.template.spec.containers : [];
    const target = container?.env.find(({ name }) => name === 'FUNCTION_TARGET')?.value;
    if (target !== undefined) services.set(target, [...(services.get(target) ?? []), metadata.name].sort());
  }
  return services;
}

type Service = {
  kind: string;
  metadata: { name: string };
  spec: { template: { spec: { containers: { env: { name: string; value?: string }[] }[] } } };
};

/** An image that was never published has a tag that no registry has: better a pod that waits than one that runs something else. */
export function renderDeployed(deployed: Deployed, services: ReadonlyMap<string, readonly string[]>): string {
  const patches = [...services]
    .flatMap(([image, names]) => names.map((name) => ({ image, name })))
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .map(({ image, name }) => inPatch(name, referenceOf(deployed, image)));
  // Where nothing is published, no function has an image of its own.
  const functions = deployed.source === undefined ? '' : `patches:\n${patches.join('\n')}\n`;
  return `# What is deployed, by digest. Written by platform/delivery/deploy-images.ts from images.json beside it; never edited by hand.
apiVersion: kustomize.config.k8s.io/v1alpha1
kind: Component
images:
  # The Jobs: what no patch below has given an image of its own.
${inImages(deployed, 'jobs', 'microbank/functions')}
${inImages(deployed, 'edge', 'microbank/edge')}
${functions}`;
}

function inImages(deployed: Deployed, image: string, name: string): string {
  const digest = deployed.images[image]?.digest;
  const version = digest === undefined ? 'newTag: unpublished' : `digest: '${digest}'`;
  return `  - { name: ${name}, newName: ${deployed.registry}/${image}, ${version} }`;
}

function inPatch(service: string, reference: string): string {
  return `  - target: { group: serving.knative.dev, kind: Service, name: ${service} }
    patch: |
      - { op: replace, path: /spec/template/spec/containers/0/image, value: '${reference}' }`;
}

/** As a pod names it. */
export function referenceOf({ registry, images }: Deployed, image: string): string {
  const digest = images[image]?.digest;
  return digest === undefined ? `${registry}/${image}:unpublished` : `${registry}/${image}@${digest}`;
}
