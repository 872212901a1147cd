// Built pages are for everybody: `npm start` makes files for their owner alone, and the web server of an image is somebody else.
import { chmod, readdir } from 'node:fs/promises';
import { join } from 'node:path';

export async function makeReadable(folder: string): Promise<void> {
  await chmod(folder, 0o755);
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    await chmod(join(entry.parentPath, entry.name), entry.isDirectory() ? 0o755 : 0o644);
  }
}
