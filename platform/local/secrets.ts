// Passwords and keys of this machine: random, made once, and kept in files that only their owner can read.
import { randomBytes } from 'node:crypto';
import { open, readFile, rename } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { databaseNames, type RolePasswords } from './databases.ts';
import { CannotStart, codeOf } from './cannot-start.ts';

export type Secrets = { postgres: string; roles: RolePasswords };

/** 192 random bits, only letters, digits, `-` and `_`, so that it fits into a URL as it is. */
export function randomPassword(): string {
  return randomBytes(24).toString('base64url');
}

export function randomRolePasswords(): RolePasswords {
  return Object.fromEntries(databaseNames.map((name) => [name, randomPassword()])) as RolePasswords;
}

/** The passwords of the database servers' admin and roles, made on the first call. */
export async function keepSecrets(folder: string): Promise<Secrets> {
  return keepFile<Secrets>(join(folder, 'secrets.json'), () => ({
    postgres: randomPassword(),
    roles: randomRolePasswords(),
  }));
}

/** The JSON in `file`; when there is no such file, what `create` gives, written whole or not at all with mode 0600. */
export async function keepFile<T>(file: string, create: () => T | Promise<T>): Promise<T> {
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw new CannotStart(`cannot read ${file}: ${String(error)}`, { cause: error });
  });
  if (text === undefined) {
    const value = await create();
    await writeWhole(file, `${JSON.stringify(value, null, 2)}\n`);
    return value;
  }
  try {
    return JSON.parse(text) as T;
  } catch (error) {
    throw new CannotStart(`${file} is not JSON; put it right, or remove it together with the data folder`, {
      cause: error,
    });
  }
}

// A crash between two writes must not leave half a password: the rename is the moment when the file exists.
async function writeWhole(file: string, text: string): Promise<void> {
  const temporary = `${file}.new`;
  await using handle = await open(temporary, 'w', 0o600);
  await handle.writeFile(text);
  await handle.sync();
  await rename(temporary, file);
  await using folder = await open(dirname(file), 'r');
  await folder.sync();
}
