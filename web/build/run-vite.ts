// Builds the pages into a folder, as a program. Usage: node web/build/run-vite.ts <folder>. Run by build-web.ts.
import { join } from 'node:path';
import { build } from 'vite';

const [, , outDir] = process.argv;
if (outDir === undefined) throw new Error('usage: node web/build/run-vite.ts <folder>');
await build({
  configFile: join(import.meta.dirname, '../vite.config.ts'),
  logLevel: 'warn',
  build: { outDir },
});
