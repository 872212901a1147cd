// The program of the Job `restore`. Next in the story: restore-copy.ts.
import { join } from 'node:path';
import { copiesIn } from './contents.ts';
import { restoreCopy } from './restore-copy.ts';
import { awaitServers } from '../images/programs/await-servers.ts';
import { readSettings } from './settings.ts';

try {
  const { addresses, folder, name } = readSettings(process.env);
  await awaitServers(Object.values(addresses));
  const copies = await copiesIn(folder);
  const chosen = name === '' ? copies.at(-1) : copies.find((copy) => copy === name);
  if (chosen === undefined)
    throw new Error(`there is no copy ${name} in ${folder}, only: ${copies.join(', ') || 'none'}`);
  const rows = await restoreCopy(addresses, join(folder, chosen));
  console.log(
    `restored ${chosen}: ${Object.entries(rows)
      .map(([database, count]) => `${database} ${count} rows`)
      .join(', ')}`,
  );
} catch (error) {
  console.error(`nothing was restored: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
}
