// `npm run render`: writes each dashboard as Grafana's JSON, to be provisioned or imported, and the business numbers' queries for the cluster.
import { writeFile } from 'node:fs/promises';
import { renderedFiles } from './rendered-files.ts';

for (const [path, text] of await renderedFiles()) await writeFile(new URL(`../../${path}`, import.meta.url), text);
