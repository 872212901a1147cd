// Prepares a release: node platform/delivery/release/prepare-release.ts TAG FOLDER. Writes notes.md, images.txt (reference and name under the
// version, one a line), images.json, manifests.yaml, openapi.json and asyncapi.json.
import { execFileSync } from 'node:child_process';
import { copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { deployedBranch } from '../deploy.ts';
import { readDeployedOf, referenceOf, type Deployed } from '../deployed.ts';
import { withoutAnnounced } from '../gates/announced.ts';
import { lastRelease } from '../gates/released.ts';
import { gitIn, isAncestor, type Git } from '../git.ts';
import { notesOf, parseVersion, problemOfVersion } from './version.ts';

const checkout = resolve(import.meta.dirname, '../../..');
const [, , tag, folder] = process.argv;
if (tag === undefined || folder === undefined) throw new Error('say which and where: prepare-release.ts TAG FOLDER');
parseVersion(tag);

const git = gitIn(checkout);
const previous = await lastRelease(checkout);
const announced = await readFile(join(import.meta.dirname, '../gates/announced.txt'), 'utf8');
const breaks = withoutAnnounced([], announced).problems.map((line) => line.replace(/^[^:]*: /, ''));
const problem = problemOfVersion(previous, tag, breaks.length > 0);
if (problem !== undefined) throw new Error(problem);
const deployed = await deployedAt(git, tag);

await mkdir(folder, { recursive: true });
const commits = (
  await git('log', '--reverse', '--no-merges', '--format=%H %s', previous === undefined ? tag : `${previous}..${tag}`)
)
  .split('\n')
  .map((line) => ({ hash: line.slice(0, 40), subject: line.slice(41) }));
await writeFile(join(folder, 'notes.md'), notesOf(commits, breaks));
const names = Object.keys(deployed.record.images);
const lines = names.map((name) => `${referenceOf(deployed.record, name)} ${deployed.record.registry}/${name}:${tag}\n`);
await writeFile(join(folder, 'images.txt'), lines.join(''));
await writeFile(join(folder, 'images.json'), JSON.stringify(deployed.record, null, 2));
await writeFile(join(folder, 'manifests.yaml'), await renderAt(git, deployed.commit));
await describeInto(folder);
console.log(`${tag}: ${commits.length} commits, ${names.length} images`);

/** The newest commit of the branch whose manifests and images are the tag's. */
async function deployedAt(git: Git, tag: string): Promise<{ commit: string; record: Deployed }> {
  const source = await git('rev-parse', `${tag}^{commit}`);
  const branch = `origin/${deployedBranch}`;
  if (!(await isAncestor(git, source, 'origin/main'))) throw new Error(`${tag} is not on main`);
  for (const commit of (await git('log', '--first-parent', '--format=%H', branch)).split('\n')) {
    const record = await readDeployedOf(git, commit);
    if (record.source === undefined) break;
    // What came after the tag's own deployment is of later commits; what was deployed last before it is what the tag runs as.
    if (await isAncestor(git, record.source, source)) return { commit, record };
  }
  throw new Error(`nothing is deployed of ${tag} or before it: push main first`);
}

/** Without what the edge serves to browsers that unpack it. */
async function describeInto(to: string): Promise<void> {
  const documents = await mkdtemp(join(tmpdir(), 'microbank-documents-'));
  execFileSync(process.execPath, [join(checkout, 'platform/edge/write-documents.ts'), documents]);
  for (const name of ['openapi.json', 'asyncapi.json']) await copyFile(join(documents, name), join(to, name));
  await rm(documents, { recursive: true });
}

async function renderAt(git: Git, commit: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'microbank-release-'));
  try {
    await git('worktree', 'add', '--quiet', '--detach', join(folder, 'checkout'), commit);
    const overlay = join(folder, 'checkout/platform/overlays/cluster');
    return execFileSync('kubectl', ['kustomize', overlay], { encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 });
  } finally {
    await rm(folder, { recursive: true, force: true });
    await git('worktree', 'prune');
  }
}
