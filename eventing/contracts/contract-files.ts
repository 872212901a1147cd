// What the files of this folder should hold, by name: one JSON Schema per event and command, and the AsyncAPI description.
import { readdir, readFile } from 'node:fs/promises';
import { createAsyncApi } from '../../functions/shared/describe/asyncapi.ts';
import type { Contract } from '../../functions/shared/contract/function.ts';
import { functionNames } from '../../functions/shared/process/load-functions.ts';
import { createDataSchemas, type DataSchema, type Json } from '../events/data-schemas.ts';
import { findBreaks } from './compatibility.ts';

export const contractsFolder = new URL('./', import.meta.url);

/** The contracts of all functions, without what they need to run. */
export async function readContracts(): Promise<Contract[]> {
  const modules = (await functionNames()).map(
    (name) =>
      import(new URL(`../../functions/${name}/contract.ts`, import.meta.url).href) as Promise<{ contract: Contract }>,
  );
  return (await Promise.all(modules)).map(({ contract }) => contract);
}

/** Keyed by file name. */
export function createContractFiles(contracts: readonly Contract[]): Map<string, Json> {
  const schemas = createDataSchemas(contracts).map((data): [string, Json] => [fileOf(data), data.schema]);
  return new Map([...schemas, ['asyncapi.json', createAsyncApi(contracts)]]);
}

/** The files as they are, keyed by name. */
export async function readContractFiles(): Promise<Map<string, Json>> {
  const names = (await readdir(contractsFolder)).filter((name) => name.endsWith('.json')).sort();
  const files = names.map(async (name): Promise<[string, Json]> => {
    return [name, JSON.parse(await readFile(new URL(name, contractsFolder), 'utf8')) as Json];
  });
  return new Map(await Promise.all(files));
}

/** One line per released schema that is gone, and per change of one that its readers could not live with. */
export function findBrokenPromises(released: ReadonlyMap<string, Json>, schemas: readonly DataSchema[]): string[] {
  const current = new Map(schemas.map((data) => [fileOf(data), data]));
  const broken: string[] = [];
  for (const [file, schema] of released) {
    if (!/\.v\d+\.json$/.test(file)) continue;
    const data = current.get(file);
    if (data) broken.push(...findBreaks(schema, data.schema, data.direction).map((line) => `${file}: ${line}`));
    else broken.push(`${file}: has no contract any more, but a released type stays`);
  }
  return broken;
}

function fileOf({ dataschema }: DataSchema): string {
  return dataschema.slice(dataschema.lastIndexOf('/') + 1);
}
