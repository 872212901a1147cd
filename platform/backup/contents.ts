// What a copy says about itself, in contents.json: without that file a folder is no copy.
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';

const database = z.strictObject({
  /** Of the schema that the rows are of. */
  migrations: z.array(z.string()),
  tables: z.array(z.strictObject({ name: z.string(), columns: z.array(z.string()), rows: z.int().min(0) })),
  counters: z.array(z.strictObject({ table: z.string(), column: z.string(), value: z.string().regex(/^\d+$/) })),
});

const contents = z.strictObject({
  begun_at: z.iso.datetime(),
  databases: z.strictObject({ users: database, ledger: database, notifications: database }),
});
export type Contents = z.output<typeof contents>;
export type DatabaseContents = z.output<typeof database>;

export const contentsFile = 'contents.json';

export async function readContents(folder: string): Promise<Contents> {
  return contents.parse(JSON.parse(await readFile(join(folder, contentsFile), 'utf8')));
}

/** Names of whole copies, the newest last: they are named by their time. What was cut short has a name of its own. */
export async function copiesIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  return entries
    .filter((entry) => entry.isDirectory() && /^\d{8}T\d{6}Z$/.test(entry.name))
    .map(({ name }) => name)
    .sort();
}
