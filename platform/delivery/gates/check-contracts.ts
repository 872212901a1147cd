// Compares API, events and migrations with the last release: npm run check:contracts. A break fails unless it is a new type, a new version,
// says expand or contract (migrations), or stands in announced.txt.
import { readFile, readdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { findBrokenPromises, readContracts } from '../../../eventing/contracts/contract-files.ts';
import { createDataSchemas } from '../../../eventing/events/data-schemas.ts';
import { createOpenApi } from '../../../functions/shared/describe/openapi.ts';
import { prefix } from '../../edge/routes.ts';
import { withoutAnnounced } from './announced.ts';
import { findMigrationBreaks } from './migration-breaks.ts';
import { findOpenApiBreaks, type OpenApi } from './openapi-breaks.ts';
import { describeApi, lastRelease, migrationsFolder, readEventSchemas, readMigrations } from './released.ts';

const checkout = resolve(import.meta.dirname, '../../..');
const release = await lastRelease(checkout);
if (release === undefined) console.log('There is no release yet: nothing was promised that could break.');
else await compareWith(release);

async function compareWith(release: string): Promise<void> {
  const contracts = await readContracts();
  const found = [
    ...findOpenApiBreaks(await describeApi(checkout, release), createOpenApi(contracts, prefix) as OpenApi),
    ...findBrokenPromises(await readEventSchemas(checkout, release), createDataSchemas(contracts)),
    ...findMigrationBreaks(await readMigrations(checkout, release), await migrationsHere()),
  ];
  const { breaks, problems } = withoutAnnounced(
    found,
    await readFile(join(import.meta.dirname, 'announced.txt'), 'utf8'),
  );
  for (const line of [...breaks, ...problems]) console.error(line);
  if (breaks.length + problems.length > 0) {
    console.error(`\n${breaks.length} breaks since ${release}: see CONTRIBUTING.md, "Changing what is promised"`);
    process.exitCode = 1;
  } else console.log(`Nothing breaks that ${release} promised (${found.length} breaks are announced).`);
}

async function migrationsHere(): Promise<Map<string, string>> {
  const folder = join(checkout, migrationsFolder);
  const names = (await readdir(folder, { recursive: true })).filter((name) => name.endsWith('.sql')).sort();
  const read = names.map(async (name): Promise<[string, string]> => [name, await readFile(join(folder, name), 'utf8')]);
  return new Map(await Promise.all(read));
}
