// What the last release promised: its migrations and event schemas as they are in git, its API as its own code describes it.
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Json } from '../../../eventing/events/data-schemas.ts';
import { gitIn, type Git } from '../git.ts';
import type { Migrations } from './migration-breaks.ts';
import type { OpenApi } from './openapi-breaks.ts';

const run = promisify(execFile);
export const migrationsFolder = 'functions/shared/database/migrations';

/** The last release before this commit, so that a release itself is compared with the one before it; undefined when there is none. */
export async function lastRelease(checkout: string): Promise<string | undefined> {
  const git = gitIn(checkout);
  const describe = ['describe', '--tags', '--abbrev=0', '--match', 'v[0-9]*.[0-9]*.[0-9]*'];
  const here = await git(...describe, '--exact-match', 'HEAD').catch(() => undefined);
  const parent = here === undefined ? 'HEAD' : 'HEAD^';
  return git(...describe, parent).catch(() => undefined);
}

export async function readMigrations(checkout: string, commit: string): Promise<Migrations> {
  return readFiles(gitIn(checkout), commit, migrationsFolder, /\.sql$/);
}

/** By file name. */
export async function readEventSchemas(checkout: string, commit: string): Promise<Map<string, Json>> {
  const files = await readFiles(gitIn(checkout), commit, 'eventing/contracts', /\.v\d+\.json$/);
  return new Map([...files].map(([name, text]) => [name, JSON.parse(text) as Json]));
}

async function readFiles(git: Git, commit: string, folder: string, pattern: RegExp): Promise<Map<string, string>> {
  const listed = await git('ls-tree', '-r', '--name-only', commit, '--', `${folder}/`);
  const files = new Map<string, string>();
  for (const path of listed
    .split('\n')
    .filter((path) => pattern.test(path))
    .sort()) {
    // With its last line's end, as the file itself has it.
    files.set(path.slice(folder.length + 1), `${await git('show', `${commit}:${path}`)}\n`);
  }
  return files;
}

/** In a checkout of its own, with its own packages where they differ from ours. */
export async function describeApi(checkout: string, commit: string): Promise<OpenApi> {
  const git = gitIn(checkout);
  const folder = await mkdtemp(join(tmpdir(), 'microbank-released-'));
  const place = join(folder, 'checkout');
  try {
    await git('worktree', 'add', '--quiet', '--detach', place, commit);
    const lock = 'package-lock.json';
    const differs = (await git('diff', '--name-only', commit, 'HEAD', '--', lock)) !== '';
    if (differs) await run('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund'], { cwd: place });
    else if (!existsSync(join(place, 'node_modules')))
      await symlink(join(checkout, 'node_modules'), join(place, 'node_modules'));
    await run(process.execPath, [join(place, 'platform/edge/write-documents.ts'), join(folder, 'documents')], {
      cwd: place,
    });
    return JSON.parse(await readFile(join(folder, 'documents/openapi.json'), 'utf8')) as OpenApi;
  } finally {
    await rm(folder, { recursive: true, force: true });
    await git('worktree', 'prune');
  }
}
