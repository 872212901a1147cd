// What a push has to build: the images whose content differs from what is deployed, whatever the push looks like.
import { edgeImage } from '../images/programs.ts';
import type { Deployed } from './deployed.ts';

type PlannedImage = { name: string; content: string };
export type Plan = {
  commit: string;
  registry: string;
  /** Built anew although nothing of ours differs, for newer versions of what images stand on. */
  all: boolean;
  /** All images that the commit has. */
  names: string[];
  build: PlannedImage[];
  /** As they are, they were rolled back before. */
  refused: string[];
  /** Deployed, and of no use to this commit. */
  remove: string[];
};

export function planImages(
  contents: Readonly<Record<string, string>>,
  deployed: Deployed,
  { commit, registry = deployed.registry, all = false }: { commit: string; registry?: string; all?: boolean },
): Plan {
  const names = Object.keys(contents).sort();
  const build = names
    .map((name) => ({ name, content: contents[name] ?? '' }))
    .filter(({ name, content }) => deployed.refused?.[name] !== content)
    // Another registry has none of the images yet.
    .filter(({ name, content }) => all || registry !== deployed.registry || deployed.images[name]?.content !== content);
  const remove = Object.keys(deployed.images).filter((name) => !names.includes(name));
  const refused = names.filter((name) => deployed.refused?.[name] === contents[name] && contents[name] !== undefined);
  return { commit, registry, all, names, build, refused, remove };
}

/**
 * For `docker buildx bake`: a target for each image, for one platform, all in one builder, so that they share what they have in common. Each is
 * pushed without a tag: until publish-images.ts has scanned and signed it, nobody finds it.
 */
export function bakeFile({ build, registry, commit }: Plan, platform: string, repository: string): object {
  const targets = build.map(({ name }): [string, object] => [
    name,
    {
      context: '.',
      dockerfile: `platform/images/${name === edgeImage ? 'edge' : 'functions'}.Dockerfile`,
      ...(name !== edgeImage && { args: { IMAGE: name } }),
      platforms: [platform],
      labels: {
        'org.opencontainers.image.source': repository,
        'org.opencontainers.image.revision': commit,
        'org.opencontainers.image.licenses': 'Apache-2.0',
        'org.opencontainers.image.title': `microbank ${name}`,
      },
      attest: ['type=provenance,mode=max', 'type=sbom'],
      output: [`type=image,name=${registry}/${name},push-by-digest=true,name-canonical=true,push=true`],
    },
  ]);
  return { group: { default: { targets: build.map(({ name }) => name) } }, target: Object.fromEntries(targets) };
}
