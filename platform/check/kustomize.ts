// Renders kustomizations with whichever kustomize there is: its own program, the one install-test-packages.sh builds, or kubectl's.
import { execFile, execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { glob } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { parseAllDocuments } from 'yaml';
import type { Manifest } from './manifest.ts';

export const checkout = fileURLToPath(new URL('../../', import.meta.url));
const cache = process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache');
const built = join(cache, 'microbank/kustomize-v5.7.1/kustomize');
const run = promisify(execFile);

/** Every folder that has a kustomization, from the checkout on. */
export async function kustomizations(): Promise<string[]> {
  const folders: string[] = [];
  for await (const path of glob('{platform,eventing,observability}/**/kustomization.yaml', { cwd: checkout }))
    folders.push(dirname(path));
  return folders.sort();
}

export async function render(folder: string): Promise<Manifest[]> {
  const [program, ...command] = kustomize();
  const { stdout } = await run(program, [...command, join(checkout, folder)], { maxBuffer: 64 * 1024 * 1024 });
  return parseAllDocuments(stdout).map((document) => {
    const [error] = document.errors;
    if (error) throw new Error(`${folder}: ${error.message}`);
    return document.toJS() as Manifest;
  });
}

/** @throws when there is none, or only kubectl's of before 1.27: its kustomize 4 has no `labels` without selectors. */
function kustomize(): [string, ...string[]] {
  if (answers('kustomize', 'version')) return ['kustomize', 'build'];
  if (existsSync(built)) return [built, 'build'];
  const said = answers('kubectl', 'version', '--client');
  if (said !== undefined && /Kustomize Version: v[5-9]/.test(said)) return ['kubectl', 'kustomize'];
  throw new Error(
    'There is no kustomize 5: install kustomize or kubectl 1.27 or newer, or Go 1.24 or newer and run ' +
      '`bash platform/local/install-test-packages.sh`, which builds it.',
  );
}

function answers(program: string, ...command: string[]): string | undefined {
  try {
    return execFileSync(program, command, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
  } catch {
    return undefined;
  }
}
