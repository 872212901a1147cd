// Builds what the edge's image serves as pages: node platform/images/edge-pages.ts FOLDER
import { cp } from 'node:fs/promises';
import { basename } from 'node:path';
import { buildWeb } from '../../web/build/build-web.ts';

const [, , folder] = process.argv;
if (folder === undefined) throw new Error('say where to: node platform/images/edge-pages.ts FOLDER');
const built = await buildWeb();
// Vite's manifest says what was built of which source; a browser has no use for it.
await cp(built.folder, folder, { recursive: true, filter: (path) => basename(path) !== '.vite' });
