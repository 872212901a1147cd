// Finds the functions in their folders: `functions/<name>/contract.ts` and `functions/<name>/<name>.ts`.
import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import type { BankFunction } from './define-function.ts';

const folder = new URL('../../', import.meta.url);

/** Names of all functions, sorted: the folders that have a contract. */
export async function functionNames(): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  return entries
    .filter(
      (entry) =>
        entry.isDirectory() && entry.name !== 'shared' && existsSync(new URL(`${entry.name}/contract.ts`, folder)),
    )
    .map((entry) => entry.name)
    .sort();
}

/** Imports one function: the export of its module whose name ends in `Function`. */
export async function loadFunction(name: string): Promise<BankFunction> {
  if (!/^[a-z-]+$/.test(name) || !existsSync(new URL(`${name}/contract.ts`, folder))) {
    throw new Error(`there is no function ${name}; there are ${(await functionNames()).join(', ')}`);
  }
  const module = (await import(new URL(`${name}/${name}.ts`, folder).href)) as Record<string, unknown>;
  const exported = Object.entries(module).find(([key]) => key.endsWith('Function'));
  if (!exported) throw new Error(`functions/${name}/${name}.ts exports nothing whose name ends in Function`);
  return exported[1] as BankFunction;
}
