// Where the functions are: in their folders, `functions/<name>/contract.ts` and `functions/<name>/<name>.ts`.
// In an image there are no folders any more; there platform/images/bundle.ts has a list in place of this file.
import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';

const folder = new URL('../../', import.meta.url);

/** Names of all functions, sorted: the folders that hold a file of their own name. A contract alone is a promise, and nothing to serve yet. */
export async function functionNames(): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  return entries
    .filter((entry) => entry.isDirectory() && hasModule(entry.name))
    .map((entry) => entry.name)
    .sort();
}

/** What the function's file exports; undefined when there is no such function. */
export async function importFunction(name: string): Promise<Record<string, unknown> | undefined> {
  if (!/^[a-z-]+$/.test(name) || !hasModule(name)) return undefined;
  return (await import(new URL(`${name}/${name}.ts`, folder).href)) as Record<string, unknown>;
}

function hasModule(name: string): boolean {
  return existsSync(new URL(`${name}/${name}.ts`, folder));
}
