// Each overlay as it is applied, for checks that look at everything at once.
import { kustomizations, render } from './kustomize.ts';
import type { Manifest } from './manifest.ts';

export type Overlay = { name: string; manifests: Manifest[] };

export async function renderOverlays(): Promise<Overlay[]> {
  const folders = (await kustomizations()).filter((folder) => folder.startsWith('platform/overlays/'));
  return Promise.all(folders.map(async (folder) => ({ name: folder, manifests: await render(folder) })));
}

export function ofKind({ manifests }: Pick<Overlay, 'manifests'>, apiVersion: string, kind: string): Manifest[] {
  return manifests.filter((manifest) => manifest.apiVersion === apiVersion && manifest.kind === kind);
}

/** The one object of its name. @throws when there is none. */
export function find({ name, manifests }: Overlay, kind: string, object: string): Manifest {
  const found = manifests.find((manifest) => manifest.kind === kind && manifest.metadata.name === object);
  if (found === undefined) throw new Error(`${name} has no ${kind} ${object}`);
  return found;
}
