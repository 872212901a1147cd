// Writes platform/base/functions/ and the sums of README.md anew from the contracts and settings.ts: `npm run render`.
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { renderAll, servicesFolder } from './rendered.ts';

const files = await renderAll();
await mkdir(servicesFolder, { recursive: true });
for (const [path, text] of files) await writeFile(path, text);
// Of functions that are no more.
const left = (await readdir(servicesFolder))
  .map((name) => join(servicesFolder, name))
  .filter((path) => !files.has(path));
await Promise.all(left.map((path) => rm(path)));
console.log(`${files.size} files written, ${left.length} removed`);
