// Moves the branch `deployed`: one commit a push, of that push's manifests and the digests of what it built. Argo CD follows the branch, so
// nothing is applied that was not tested, scanned and signed, and no robot writes to main.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { deployedFolder, readDeployed, readDeployedOf, writeDeployed, type Deployed } from './deployed.ts';
import { gitIn, isAncestor, isOvertaken, type Git } from './git.ts';
import type { Built } from './publish.ts';

export type DeployOptions = { checkout: string; branch?: string; waitMs?: number };

export const deployedBranch = 'deployed';
/** What of the repository is applied to a cluster; everything else reaches it in an image. */
const manifests = ['platform/base', 'platform/overlays', 'platform/argocd', 'eventing/triggers', 'eventing/sources'];
/** Each attempt loses to a push that got through; so many would have to come within a minute. */
const attemptsMax = 8;

/** The commit; undefined when the branch has this or something newer already, or nothing that is applied would change. */
export async function deployImages(built: Built, options: DeployOptions): Promise<string | undefined> {
  return moveBranch(options, async ({ git, tip, checkout }) => {
    const now = tip === undefined ? undefined : await readDeployedOf(git, tip);
    if (now?.source !== undefined && now.source !== built.commit) {
      if (await isAncestor(git, built.commit, now.source)) return undefined;
      if (!(await isAncestor(git, now.source, built.commit)))
        throw new Error(`${built.commit} is not a successor of ${now.source}, which is deployed: merge first`);
    }
    await git('checkout', '--quiet', '--detach', built.commit);
    const { after, changed } = apply(now ?? (await readDeployed(checkout)), built);
    if (changed.length === 0 && tip !== undefined && (await isSame(git, tip, built.commit))) return undefined;
    await writeDeployed(checkout, after);
    return { message: messageOf(changed, built.commit), parents: [built.commit] };
  });
}

/** Puts images back to what they were before; the canary does so when a revision breaks a promise. */
export async function rollBackImages(
  names: readonly string[],
  why: string,
  options: DeployOptions,
): Promise<string | undefined> {
  return moveBranch(options, async ({ git, tip, checkout }) => {
    if (tip === undefined) throw new Error('nothing was ever deployed: there is nothing to go back to');
    await git('checkout', '--quiet', '--detach', tip);
    const now = await readDeployed(checkout);
    const images = { ...now.images };
    const refused = { ...now.refused };
    for (const name of names) {
      images[name] = await imageBefore(git, name, now);
      refused[name] = now.images[name]?.content ?? '';
    }
    await writeDeployed(checkout, { ...now, images, refused });
    return { message: `deploy: ${names.join(', ')} back to what it was\n\n${why}`, parents: [] };
  });
}

type Place = { git: Git; checkout: string; tip: string | undefined };
type Change = { message: string; parents: string[] };

/** `change` brings a checkout to what shall be deployed. Tried again from the new tip when somebody else's push came first. */
async function moveBranch(
  { checkout: repository, branch = deployedBranch, waitMs = 1_000 }: DeployOptions,
  change: (place: Place) => Promise<Change | undefined>,
): Promise<string | undefined> {
  const folder = await mkdtemp(join(tmpdir(), 'microbank-deploy-'));
  const outer = gitIn(repository);
  const checkout = join(folder, 'checkout');
  try {
    await outer('worktree', 'add', '--quiet', '--detach', checkout, 'HEAD');
    const git = gitIn(checkout);
    for (let attempt = 1; ; attempt++) {
      const tip = await fetchTip(git, branch);
      const changed = await change({ git, checkout, tip });
      if (changed === undefined) return undefined;
      await git('add', deployedFolder);
      const parents = [...(tip === undefined ? [] : [tip]), ...changed.parents].flatMap((parent) => ['-p', parent]);
      const commit = await git('commit-tree', await git('write-tree'), ...parents, '-m', changed.message);
      try {
        await git('push', '--quiet', 'origin', `${commit}:refs/heads/${branch}`);
        return commit;
      } catch (error) {
        if (!isOvertaken(error) || attempt === attemptsMax) throw error;
        await git('reset', '--quiet', '--hard');
        await delay(waitMs * attempt * (0.5 + Math.random()));
      }
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
    await outer('worktree', 'prune');
  }
}

async function fetchTip(git: Git, branch: string): Promise<string | undefined> {
  const listed = await git('ls-remote', 'origin', `refs/heads/${branch}`);
  if (listed === '') return undefined;
  await git('fetch', '--quiet', 'origin', branch);
  return git('rev-parse', 'FETCH_HEAD');
}

function apply(now: Deployed, built: Built): { after: Deployed; changed: string[] } {
  const images = now.registry === built.registry ? { ...now.images } : {};
  const refused = { ...now.refused };
  const changed: string[] = [];
  for (const [name, image] of Object.entries(built.images)) {
    // The same content is running already: another digest of it would roll it for nothing.
    if (images[name]?.content === image.content && !built.all) continue;
    images[name] = image;
    Reflect.deleteProperty(refused, name);
    changed.push(name);
  }
  for (const name of Object.keys(images).filter((name) => !built.names.includes(name))) {
    Reflect.deleteProperty(images, name);
    changed.push(`no ${name}`);
  }
  const { registry, commit: source } = built;
  return { after: { registry, source, images, ...(Object.keys(refused).length > 0 && { refused }) }, changed };
}

/** Whether what is applied is the same in both, digests aside. */
async function isSame(git: Git, a: string, b: string): Promise<boolean> {
  return (await git('diff', '--name-only', a, b, '--', ...manifests)) === '';
}

async function imageBefore(git: Git, name: string, now: Deployed): Promise<Deployed['images'][string]> {
  for (const commit of (await git('log', '--first-parent', '--format=%H', 'HEAD')).split('\n')) {
    const was = await readDeployedOf(git, commit);
    const image = was.registry === now.registry ? was.images[name] : undefined;
    if (image === undefined) break;
    if (image.digest !== now.images[name]?.digest) return image;
  }
  throw new Error(`${name} was never anything else: there is nothing to go back to`);
}

const subjectMax = 72;

function messageOf(changed: readonly string[], commit: string): string {
  const from = `from ${commit.slice(0, 9)}`;
  const subject = `deploy: ${changed.length === 0 ? 'manifests' : changed.join(', ')} ${from}`;
  if (subject.length <= subjectMax) return subject;
  return `deploy: ${changed.length} images ${from}\n\n${changed.join('\n')}`;
}
