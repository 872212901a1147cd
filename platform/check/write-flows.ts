// Writes the table of platform/base/policies/README.md anew from the policies: `npm run render`.
import { readFile, writeFile } from 'node:fs/promises';
import { withFlows } from './flows-page.ts';
import { flowsPage } from './flows.ts';

await writeFile(flowsPage, await withFlows(await readFile(flowsPage, 'utf8')));
