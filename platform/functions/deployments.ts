// What is deployed of each function: one Knative Service, or one for each database of a function that works on several (relay).
import { functionNames } from '../../functions/shared/process/load-functions.ts';
import type { Contract, DatabaseName } from '../../functions/shared/contract/function.ts';
import { functionSettings, type FunctionSettings } from './settings.ts';

export type Deployment = {
  /** Of the Knative Service. */
  name: string;
  contract: Contract;
  database: DatabaseName | undefined;
  settings: FunctionSettings;
};

/** By name. @throws when a function has no line in settings.ts, or a line no function. */
export async function deployments(): Promise<Deployment[]> {
  const names = await functionNames();
  const missing = names.filter((name) => functionSettings[name] === undefined);
  const left = Object.keys(functionSettings).filter((name) => !names.includes(name));
  if (missing.length > 0) throw new Error(`platform/functions/settings.ts has no line for ${missing.join(', ')}`);
  if (left.length > 0)
    throw new Error(`platform/functions/settings.ts has a line for ${left.join(', ')}: no such folder`);
  const contracts = await Promise.all(names.map(readContract));
  return contracts.flatMap(deploymentsOf).sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** The contract alone: the function itself would bring its whole program with it. */
async function readContract(name: string): Promise<Contract> {
  const module = (await import(`../../functions/${name}/contract.ts`)) as { contract: Contract };
  return module.contract;
}

function deploymentsOf(contract: Contract): Deployment[] {
  const settings = functionSettings[contract.name] as FunctionSettings;
  const { name, databases } = contract;
  if (databases.length < 2) return [{ name, contract, database: databases[0], settings }];
  return databases.map((database) => ({ name: `${name}-${database}`, contract, database, settings }));
}
