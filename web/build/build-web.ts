// Builds the pages once per state of their sources, and says how much JavaScript a first visit loads.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { glob, mkdir, mkdtemp, readFile, rename, rm, stat } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { compressFiles } from './compress-files.ts';
import { makeReadable } from './make-readable.ts';
import { measureInitial, type InitialSize } from './measure-initial.ts';

const web = resolve(import.meta.dirname, '..');
const checkout = resolve(web, '..');
const built = join(web, 'dist');

/** What the pages are made of: their own files, the contracts that they share with the functions, and the packages. */
const sources = [
  'web/{src,public,build}/**/*.*',
  'web/*.{html,ts,js,json}',
  'functions/*/contract.ts',
  'functions/shared/contract/*.ts',
  'package-lock.json',
];
/** Old builds are kept for banks that still serve them, but not for ever. */
const keptMs = 24 * 60 * 60_000;

export type WebBuild = { folder: string; isNew: boolean; initial: InitialSize };

/**
 * The folder with the built pages, made now when there is none for these sources. Safe when several processes ask at once: each
 * builds in a folder of its own, and the first to finish gives it its final name.
 */
export async function buildWeb(): Promise<WebBuild> {
  const folder = join(built, await hashSources());
  const isNew = !existsSync(folder);
  if (isNew) {
    await mkdir(built, { recursive: true });
    const outDir = await mkdtemp(join(built, '.building-'));
    await build(outDir);
    await makeReadable(outDir);
    await rename(outDir, folder).catch(async (error: unknown) => {
      await rm(outDir, { recursive: true, force: true });
      if (!existsSync(folder)) throw error;
    });
    await removeOld();
  }
  return { folder, isNew, initial: await measureInitial(folder) };
}

/** In a process of its own: the bank keeps nothing of Vite in its memory, and a NODE_ENV of ours makes no development build. */
async function build(outDir: string): Promise<void> {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'run-vite.ts'), outDir], {
    env: { PATH: dirname(process.execPath), NODE_ENV: 'production' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (said += chunk.toString()));
  const [code] = (await once(child, 'close')) as [number | null];
  if (code !== 0) throw new Error(said.trim() || `Vite ended with ${code}`);
  await compressFiles(outDir);
}

async function hashSources(): Promise<string> {
  const files: string[] = [];
  for await (const file of glob(sources, { cwd: checkout })) files.push(file);
  const hash = createHash('sha256');
  for (const file of files.sort()) {
    const path = join(checkout, file);
    if ((await stat(path)).isFile()) hash.update(`${file}\n`).update(await readFile(path));
  }
  return hash.digest('hex').slice(0, 16);
}

async function removeOld(): Promise<void> {
  for await (const name of glob(['*', '.building-*'], { cwd: built })) {
    const folder = join(built, name);
    const { mtimeMs } = await stat(folder);
    if (Date.now() - mtimeMs > keptMs) await rm(folder, { recursive: true, force: true });
  }
}
