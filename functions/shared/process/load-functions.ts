// Loads functions by their names.
import type { BankFunction } from './define-function.ts';
import { functionNames, importFunction } from './function-modules.ts';

export { functionNames } from './function-modules.ts';

/** Imports one function: the export of its module whose name ends in `Function`. */
export async function loadFunction(name: string): Promise<BankFunction> {
  const module = await importFunction(name);
  if (!module) throw new Error(`there is no function ${name}; there are ${(await functionNames()).join(', ')}`);
  const exported = Object.entries(module).find(([key]) => key.endsWith('Function'));
  if (!exported) throw new Error(`functions/${name}/${name}.ts exports nothing whose name ends in Function`);
  return exported[1] as BankFunction;
}
