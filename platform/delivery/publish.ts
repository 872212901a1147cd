// Makes images that may be deployed of what the builders pushed: scans each, and only then names, joins and signs them.
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { DeployedImage } from './deployed.ts';
import type { Plan } from './plan.ts';

/** What a push has made: the input of deploy-images.ts. */
export type Built = Pick<Plan, 'commit' | 'registry' | 'all' | 'names'> & { images: Record<string, DeployedImage> };
/** What `docker buildx bake --metadata-file` says of one platform. */
export type BakeMetadata = Record<string, { 'containerimage.digest'?: string } | undefined>;

export type Run = (program: string, ...words: string[]) => Promise<string>;

export const run: Run = async (program, ...words) => {
  const { stdout } = await promisify(execFile)(program, words, { maxBuffer: 64 * 1024 * 1024 });
  return stdout.trim();
};

/**
 * @throws when a platform has no digest of a planned image, or a scan finds what can be mended. Every image is scanned before any is named, so
 * that of one push all are published or none.
 */
export async function publishImages(
  plan: Plan,
  platforms: Readonly<Record<string, BakeMetadata>>,
  reports: string,
  run: Run,
): Promise<Built> {
  const parts = plan.build.map(({ name, content }) => ({
    name,
    content,
    references: digestsOf(plan, name, platforms),
  }));
  const flawed: string[] = [];
  for (const { name, references } of parts) {
    for (const [platform, reference] of Object.entries(references)) {
      if (!(await isSound(run, reference, join(reports, `${name}-${platform}.sarif`))))
        flawed.push(`${name} (${platform})`);
    }
  }
  if (flawed.length > 0) throw new Error(`Trivy found what has a fix in ${flawed.join(', ')}; nothing was published`);

  const images: Built['images'] = {};
  for (const { name, content, references } of parts) {
    const image = `${plan.registry}/${name}`;
    const tag = `${image}:${plan.commit}`;
    await run('docker', 'buildx', 'imagetools', 'create', '--tag', tag, ...Object.values(references));
    const digest = await run('docker', 'buildx', 'imagetools', 'inspect', tag, '--format', '{{.Manifest.Digest}}');
    if (!/^sha256:[0-9a-f]{64}$/.test(digest)) throw new Error(`${tag} has no digest: ${digest}`);
    await run('cosign', 'sign', '--yes', '--recursive', `${image}@${digest}`);
    images[name] = { digest, content, commit: plan.commit };
  }
  const { commit, registry, all, names } = plan;
  return { commit, registry, all, names, images };
}

function digestsOf(
  plan: Plan,
  name: string,
  platforms: Readonly<Record<string, BakeMetadata>>,
): Record<string, string> {
  const references = Object.entries(platforms).map(([platform, metadata]) => {
    const digest = metadata[name]?.['containerimage.digest'];
    if (digest === undefined) throw new Error(`nothing was built of ${name} for ${platform}`);
    return [platform, `${plan.registry}/${name}@${digest}`];
  });
  return Object.fromEntries(references) as Record<string, string>;
}

/** What nobody has mended yet is reported and stops nothing: it would stop every mend of something else as well. */
async function isSound(run: Run, reference: string, report: string): Promise<boolean> {
  const words = ['image', '--quiet', '--scanners', 'vuln,secret', '--severity', 'HIGH,CRITICAL'];
  await run('trivy', ...words, '--format', 'sarif', '--output', report, reference);
  try {
    await run('trivy', ...words, '--ignore-unfixed', '--exit-code', '1', '--format', 'table', reference);
    return true;
  } catch (error) {
    console.error((error as { stdout?: string }).stdout ?? String(error));
    return false;
  }
}
