// What is wrong with a pod of ours: each rule gives one line per container that breaks it.
import { type Container, type Manifest, nameOf, podOf } from './manifest.ts';

export type Rule = (manifest: Manifest) => string[];

const restrictedVolumes = [
  'configMap',
  'csi',
  'downwardAPI',
  'emptyDir',
  'ephemeral',
  'persistentVolumeClaim',
  'projected',
  'secret',
];

/** Pod Security `restricted`, and a root file system that nobody writes to. */
export const restricted: Rule = (manifest) => {
  const pod = podOf(manifest)?.spec;
  if (pod === undefined) return [];
  const problems = (pod.volumes ?? [])
    .filter((volume) => !Object.keys(volume).some((key) => restrictedVolumes.includes(key)))
    .map((volume) => `has volume ${String(volume.name)}`);
  if (pod.hostNetwork === true || pod.hostPID === true) problems.push('uses namespaces of its node');
  for (const container of containersOf(manifest)) {
    const own = container.securityContext ?? {};
    const { runAsNonRoot, seccompProfile, runAsUser } = { ...pod.securityContext, ...own };
    if (runAsNonRoot !== true || runAsUser === 0) problems.push('may run as root');
    if (own.allowPrivilegeEscalation !== false) problems.push('may gain privileges');
    if (own.readOnlyRootFilesystem !== true) problems.push('may write to its root');
    if (own.capabilities?.drop?.includes('ALL') !== true || own.capabilities.add !== undefined)
      problems.push('keeps capabilities');
    if (seccompProfile?.type !== 'RuntimeDefault') problems.push('has no seccompProfile');
  }
  return problems.map((problem) => `${nameOf(manifest)} ${problem}`);
};

export const withoutToken: Rule = (manifest) => {
  const pod = podOf(manifest)?.spec;
  return pod === undefined || pod.automountServiceAccountToken === false ? [] : [`${nameOf(manifest)} mounts a token`];
};

/** A limit of CPU slows a start down by seconds; one of memory keeps a leak from others. */
export const resourcesSet: Rule = (manifest) =>
  containersOf(manifest).flatMap(({ resources: { requests = {}, limits = {} } = {} }) => {
    const missing = ['cpu', 'memory']
      .filter((what) => requests[what] === undefined)
      .map((what) => `asks for no ${what}`);
    if (limits.memory === undefined) missing.push('has no limit of memory');
    if (limits.cpu !== undefined) missing.push('has a limit of CPU');
    return missing.map((problem) => `${nameOf(manifest)} ${problem}`);
  });

/** Wherever an image is named: in pods, and in what operators are told. */
export const imagesPinned: Rule = (manifest) => {
  const images: string[] = [];
  collectImages(manifest.spec, images);
  return images.filter((image) => !isPinned(image)).map((image) => `${nameOf(manifest)} names image ${image}`);
};

function isPinned(image: string): boolean {
  const tag = /:([\w][\w.-]*)$/.exec(image)?.[1];
  return /@sha256:[0-9a-f]{64}$/.test(image) || (tag !== undefined && tag !== 'latest');
}

function collectImages(value: unknown, images: string[]): void {
  if (Array.isArray(value)) for (const item of value) collectImages(item, images);
  else if (typeof value === 'object' && value !== null) {
    for (const [key, of] of Object.entries(value)) {
      if ((key === 'image' || key === 'imageName') && typeof of === 'string') images.push(of);
      else collectImages(of, images);
    }
  }
}

/** Of a pod's own; a Pooler's and an override's containers are the operator's, with resources of ours. */
export function containersOf(manifest: Manifest): Container[] {
  const pod = podOf(manifest)?.spec;
  return pod === undefined ? [] : [...pod.containers, ...(pod.initContainers ?? [])];
}
