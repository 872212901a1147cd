// Publishes what a plan built: node platform/delivery/publish-images.ts FOLDER. Reads plan.json and metadata-<architecture>.json, writes built.json
// and trivy.sarif, the latter also when it refuses to publish.
import { glob, mkdir, readFile, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { Plan } from './plan.ts';
import { publishImages, run, type BakeMetadata } from './publish.ts';
import { joinReports, type Report } from './reports.ts';

const [, , folder] = process.argv;
if (folder === undefined) throw new Error('say what of: node platform/delivery/publish-images.ts FOLDER');
const read = async (name: string) => JSON.parse(await readFile(join(folder, name), 'utf8')) as unknown;

const plan = (await read('plan.json')) as Plan;
const reports = join(folder, 'reports');
await mkdir(reports, { recursive: true });
try {
  const platforms: Record<string, BakeMetadata> = {};
  // With nothing to build there is no builder that says anything.
  for (const architecture of plan.build.length > 0 ? ['amd64', 'arm64'] : [])
    platforms[architecture] = (await read(`metadata-${architecture}.json`)) as BakeMetadata;
  const built = await publishImages(plan, platforms, reports, run);
  await writeFile(join(folder, 'built.json'), JSON.stringify(built, null, 2));
  for (const [name, { digest }] of Object.entries(built.images)) console.log(`${built.registry}/${name}@${digest}`);
} finally {
  const found: Record<string, Report> = {};
  for await (const file of glob('*.sarif', { cwd: reports }))
    found[basename(file, '.sarif')] = JSON.parse(await readFile(join(reports, file), 'utf8')) as Report;
  await writeFile(join(folder, 'trivy.sarif'), JSON.stringify(joinReports(found)));
}
