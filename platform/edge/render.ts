// `npm run render`: writes the edge's nginx configuration from the contracts. Next in the story: platform/edge/edge-files.ts.
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { renderedFiles } from './rendered-files.ts';

for (const [path, text] of await renderedFiles()) {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, text);
}
process.stdout.write(`platform/base/edge/nginx and ${join('platform', 'edge', 'image')} are written\n`);
