// Says what each image would hold, as a hash: node platform/images/contents.ts [IMAGE …]. An image has to be built when, and only when,
// its hash is another: sources, tests and packages that do not end up in it change nothing.
import { execFile } from 'node:child_process';
import { createHash, type Hash } from 'node:crypto';
import { glob, mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { functionNames } from '../../functions/shared/process/function-modules.ts';
import { bundle } from './bundle.ts';
import { edgeImage, jobsImage } from './programs.ts';

const checkout = resolve(import.meta.dirname, '../..');

/** Of all images that are published. */
export async function imageNames(): Promise<string[]> {
  return [...(await functionNames()), jobsImage, edgeImage].sort();
}

/** `sha256:…` by image; of all of them, or of those that are named. */
export async function contentsOf(images?: readonly string[]): Promise<Record<string, string>> {
  const contents: Record<string, string> = {};
  for (const image of images ?? (await imageNames())) contents[image] = await contentOf(image);
  return contents;
}

async function contentOf(image: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'microbank-image-'));
  const hash = createHash('sha256');
  try {
    if (image === edgeImage) await makeEdge(folder, hash);
    else {
      await bundle(folder, image);
      await add(hash, 'platform/images/functions.Dockerfile', checkout);
    }
    await add(hash, '**', folder);
  } finally {
    await rm(folder, { recursive: true });
  }
  return `sha256:${hash.digest('hex')}`;
}

/** As edge.Dockerfile does it. */
async function makeEdge(folder: string, hash: Hash): Promise<void> {
  const run = (program: string, ...to: string[]) =>
    promisify(execFile)(process.execPath, [join(checkout, program), join(folder, ...to)]);
  await run('platform/images/edge-pages.ts', 'pages');
  await run('platform/edge/write-documents.ts', 'documents');
  for (const copied of ['platform/images/edge.Dockerfile', 'platform/edge/image/**', 'platform/base/edge/nginx/**'])
    await add(hash, copied, checkout);
}

/** Each file with its name and its length, so that no two sets of files read the same. */
async function add(hash: Hash, pattern: string, folder: string): Promise<void> {
  const files: string[] = [];
  for await (const file of glob(pattern, { cwd: folder })) files.push(file);
  for (const file of files.sort()) {
    const path = join(folder, file);
    if (!(await stat(path)).isFile()) continue;
    const bytes = await readFile(path);
    hash.update(`${file}\n${bytes.length}\n`).update(bytes);
  }
}

if (process.argv[1] === import.meta.filename) {
  const named = process.argv.slice(2);
  console.log(JSON.stringify(await contentsOf(named.length > 0 ? named : undefined), null, 2));
}
