// Keeps what is in the data folder to its owner, also what an earlier version or another program has left open.
import { chmodSync, lstatSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

const ours =
  /^(lock(-journal)?|running\.json|(secrets|signing-key|event-keys|teller|demo)\.json(\.new)?|postgres(\.log|\.half-made-\d+)?|compile-cache)$/;

/** 0700 for the folder and 0600 for what is in it. For whoever holds its lock: a bank that runs there may have let PostgreSQL's user in. */
export function makePrivate(folder: string): void {
  const names = readdirSync(folder);
  for (const name of names.filter((entry) => ours.test(entry))) close(join(folder, name));
  // Somebody else keeps things here as well, as in /tmp, and may need it open; what is ours is closed by itself.
  if (names.every((entry) => ours.test(entry))) chmodSync(folder, 0o700);
}

function close(path: string): void {
  const found = lstatSync(path, { throwIfNoEntry: false });
  // Of another user's PostgreSQL postgres-user.ts knows what to say.
  const isOurs = process.getuid?.() === 0 || found?.uid === process.getuid?.();
  if (!found || !isOurs || found.isSymbolicLink()) return;
  if ((found.mode & 0o077) !== 0) chmodSync(path, found.mode & 0o700);
  // PostgreSQL makes its files private itself, and starts on no folder that others can write.
  if (found.isDirectory() && !path.endsWith('/postgres')) {
    for (const name of readdirSync(path)) close(join(path, name));
  }
}
