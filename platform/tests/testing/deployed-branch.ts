// A repository with a branch `deployed` on which an image was deployed twice, as publishing leaves it: for what goes back in git.
import { mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { deployImages } from '../../delivery/deploy.ts';
import { readDeployedOf, type Deployed } from '../../delivery/deployed.ts';
import { gitIn } from '../../delivery/git.ts';
import { checkout } from '../../local/settings.ts';

const registry = 'registry.test/microbank';

export type DeployedTwice = AsyncDisposable & {
  /** A clone of this checkout, whose origin has the branch. */
  folder: string;
  /** What the branch says now, and the message of its newest commit. */
  tip: () => Promise<{ deployed: Deployed; message: string }>;
};

/** `contents`: of the image, the first and the second time. */
export async function givenDeployedTwice(image: string, contents: readonly [string, string]): Promise<DeployedTwice> {
  const root = await mkdtemp(join(tmpdir(), 'microbank-deployed-'));
  const [origin, folder] = [join(root, 'origin.git'), join(root, 'work')];
  const head = await gitIn(checkout)('rev-parse', 'HEAD');
  await gitIn(root)('clone', '--quiet', '--bare', checkout, origin);
  await gitIn(root)('clone', '--quiet', origin, folder);
  const git = gitIn(folder);
  await git('config', 'user.name', 'delivery');
  await git('config', 'user.email', 'delivery@bank.example');
  await git('checkout', '--quiet', '-B', 'deployed-twice', head);
  await symlink(join(checkout, 'node_modules'), join(folder, 'node_modules'));
  for (const [index, content] of contents.entries()) {
    await git('commit', '--quiet', '--allow-empty', '--message', `change ${index}`);
    const commit = await git('rev-parse', 'HEAD');
    const images = { [image]: { digest: `sha256:${String(index + 1).repeat(64)}`, content, commit } };
    await deployImages({ commit, registry, all: false, names: [image], images }, { checkout: folder });
  }
  return {
    folder,
    async tip() {
      await git('fetch', '--quiet', 'origin', 'deployed');
      const deployed = await readDeployedOf(git, 'FETCH_HEAD');
      return { deployed, message: await git('log', '-1', '--format=%B', 'FETCH_HEAD') };
    },
    [Symbol.asyncDispose]: () => rm(root, { recursive: true }),
  };
}
