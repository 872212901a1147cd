// How much JavaScript a first visit loads: the entry with all that it imports at once, and each page with its own on top.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import * as z from 'zod';

/** What a first visit may load before it shows something, in bytes after gzip. */
export const initialBytesMax = 90_000;

/** Bytes after gzip. `page` is the heaviest page, `pageBytes` the entry and that page together. */
export type InitialSize = { entryBytes: number; page: string; pageBytes: number };

const manifestSchema = z.record(
  z.string(),
  z.object({
    file: z.string(),
    imports: z.array(z.string()).default([]),
    dynamicImports: z.array(z.string()).default([]),
  }),
);
type Manifest = z.output<typeof manifestSchema>;

/** Reads the manifest that Vite writes. What a page loads later (charts, a calendar, another language) is not initial. */
export async function measureInitial(folder: string): Promise<InitialSize> {
  const text = await readFile(join(folder, '.vite/manifest.json'), 'utf8');
  const manifest = manifestSchema.parse(JSON.parse(text));
  const entry = Object.keys(manifest).find((name) => name === 'index.html');
  if (entry === undefined) throw new Error('the build has no entry');
  const pages = Object.keys(manifest).filter((name) => /Page\.svelte$/.test(name));

  const entryFiles = filesOf(manifest, [entry]);
  const sizes = await Promise.all(
    pages.map(async (page) => ({ page, bytes: await sumGzip(folder, filesOf(manifest, [entry, page])) })),
  );
  const heaviest = sizes.sort((one, other) => other.bytes - one.bytes)[0];
  const entryBytes = await sumGzip(folder, entryFiles);
  return { entryBytes, page: heaviest?.page ?? entry, pageBytes: heaviest?.bytes ?? entryBytes };
}

function filesOf(manifest: Manifest, names: readonly string[], files = new Set<string>()): Set<string> {
  for (const name of names) {
    const chunk = manifest[name];
    if (!chunk || files.has(chunk.file)) continue;
    files.add(chunk.file);
    filesOf(manifest, chunk.imports, files);
  }
  return files;
}

async function sumGzip(folder: string, files: ReadonlySet<string>): Promise<number> {
  const sizes = await Promise.all(
    [...files]
      .filter((file) => file.endsWith('.js'))
      .map(async (file) => gzipSync(await readFile(join(folder, file)), { level: 9 }).length),
  );
  return sizes.reduce((sum, size) => sum + size, 0);
}
