// Plans what a push builds: node platform/delivery/plan-images.ts FOLDER [--all]. Writes plan.json and bake-<architecture>.json there.
import { appendFile, mkdir, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { contentsOf } from '../images/contents.ts';
import { edgeImage, jobsImage } from '../images/programs.ts';
import { deployedBranch } from './deploy.ts';
import { readDeployed, readDeployedOf } from './deployed.ts';
import { gitIn } from './git.ts';
import { bakeFile, planImages } from './plan.ts';

const checkout = resolve(import.meta.dirname, '../..');
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { all: { type: 'boolean', default: false }, registry: { type: 'string' } },
});
const [folder] = positionals;
if (folder === undefined)
  throw new Error('say where to: node platform/delivery/plan-images.ts FOLDER [--all] [--registry R]');

const git = gitIn(checkout);
const commit = await git('rev-parse', 'HEAD');
const branch = `origin/${deployedBranch}`;
const hasBranch = (await git('branch', '--remotes', '--list', branch)) !== '';
const deployed = await (hasBranch ? readDeployedOf(git, branch) : readDeployed(checkout));
// Registries want small letters, whatever the repository is called.
const registry = values.registry?.toLowerCase() ?? deployed.registry;
const plan = planImages(await contentsOf(), deployed, { commit, registry, all: values.all });
const { GITHUB_SERVER_URL: server, GITHUB_REPOSITORY: repository, GITHUB_OUTPUT: output } = process.env;

await mkdir(folder, { recursive: true });
await writeFile(join(folder, 'plan.json'), JSON.stringify(plan, null, 2));
for (const architecture of ['amd64', 'arm64']) {
  const bake = bakeFile(
    plan,
    `linux/${architecture}`,
    `${server ?? 'https://github.com'}/${repository ?? 'microbank/microbank'}`,
  );
  await writeFile(join(folder, `bake-${architecture}.json`), JSON.stringify(bake, null, 2));
}
const names = plan.build.map(({ name }) => name).join(' ');
console.log(`${commit.slice(0, 9)}: ${names === '' ? 'nothing to build' : `builds ${names}`}`);
if (plan.remove.length > 0) console.log(`no longer there: ${plan.remove.join(' ')}`);
if (plan.refused.length > 0) console.log(`rolled back before, and unchanged since: ${plan.refused.join(' ')}`);
// What a canary can divide traffic between.
const functions = plan.build.map(({ name }) => name).filter((name) => name !== jobsImage && name !== edgeImage);
if (output !== undefined) await appendFile(output, `build=${names}\nfunctions=${functions.join(' ')}\n`);
