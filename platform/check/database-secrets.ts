// The lines of platform/base/data/database-secrets.txt, which up.sh reads as well.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { checkout } from './kustomize.ts';

export type DatabaseSecret = { secret: string; role: string; database: string; host: string };

export async function readDatabaseSecrets(): Promise<DatabaseSecret[]> {
  const text = await readFile(join(checkout, 'platform/base/data/database-secrets.txt'), 'utf8');
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return lines.map((line) => {
    const [secret, role, database, host] = line.split(/ +/) as [string, string, string, string];
    return { secret, role, database, host };
  });
}
