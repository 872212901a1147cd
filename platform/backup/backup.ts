// The program of the CronJob `backup`. Next in the story: back-up.ts.
import { backUp } from './back-up.ts';
import { awaitServers } from '../images/programs/await-servers.ts';
import { readSettings } from './settings.ts';

try {
  const { addresses, folder, kept } = readSettings(process.env);
  await awaitServers(Object.values(addresses));
  console.log(`copied the databases to ${await backUp(addresses, folder, kept)}`);
} catch (error) {
  console.error(`no copy was made: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
}
