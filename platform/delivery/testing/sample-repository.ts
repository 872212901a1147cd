// A small bank in a repository of its own, with an origin to push to: three functions, two of which share code, and this folder's real scripts.
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { gitIn, type Git } from '../git.ts';
import type { Deployed } from '../deployed.ts';
import type { Plan } from '../plan.ts';
import type { Built } from '../publish.ts';

const checkout = resolve(import.meta.dirname, '../../..');
const run = promisify(execFile);

/** What decides what an image holds, as this repository has it. */
const real = [
  ...['bundle', 'for-image', 'programs', 'contents'].map((name) => `platform/images/${name}.ts`),
  ...['plan-images', 'plan', 'deploy', 'deployed', 'git', 'publish'].map((name) => `platform/delivery/${name}.ts`),
  'functions/shared/process/function-modules.ts',
  'functions/shared/serving/without-domain.ts',
  'platform/images/functions.Dockerfile',
  'platform/images/edge.Dockerfile',
];
const copyOfWeb = `import { cp } from 'node:fs/promises';\nawait cp(new URL('../../web', import.meta.url), process.argv[2], { recursive: true });\n`;
const sample: Record<string, string> = {
  '.gitignore': 'node_modules\n',
  'README.md': 'A bank.\n',
  'functions/shared/money.ts': 'export const parse = (text) => Number(text) * 100;\n',
  'functions/shared/serving/main.ts': `import { importFunction } from '../process/function-modules.ts';\nconsole.log(await importFunction(process.argv[2]));\n`,
  'functions/shared/database/migrations/ledger/0001-ledger.sql': 'CREATE TABLE account ();\n',
  'platform/images/programs/migrate.ts': `console.log('migrate');\n`,
  'platform/images/programs/first-teller.ts': `console.log('teller');\n`,
  'platform/images/programs/keys.ts': `console.log('keys');\n`,
  'platform/images/programs/warm-up.ts': `console.log('warm');\n`,
  'platform/backup/backup.ts': `console.log('backup');\n`,
  'platform/backup/restore.ts': `console.log('restore');\n`,
  'platform/images/edge-pages.ts': copyOfWeb,
  'platform/edge/write-documents.ts': `import { mkdir, writeFile } from 'node:fs/promises';\nawait mkdir(process.argv[2], { recursive: true });\nawait writeFile(process.argv[2] + '/openapi.json', '{}');\n`,
  'platform/edge/image/http.conf': '# as it is\n',
  'platform/base/edge/nginx/nginx.conf': '# as it is\n',
  'platform/deployed/images.json': '{ "registry": "registry.test/bank", "images": {} }\n',
  'web/index.html': '<p>A bank.</p>\n',
  ...withFunction(
    'deposit',
    `import { parse } from '../shared/money.ts';\nexport const deposit = (text) => parse(text);\n`,
  ),
  ...withFunction(
    'withdraw',
    `import { parse } from '../shared/money.ts';\nexport const withdraw = (text) => -parse(text);\n`,
  ),
  ...withFunction('notify', `export const notify = () => 'told';\n`),
};

export function withFunction(name: string, source: string): Record<string, string> {
  return {
    [`functions/${name}/contract.ts`]: `export const contract = { name: '${name}' };\n`,
    [`functions/${name}/${name}.ts`]: source,
    [`platform/base/functions/${name}.yaml`]: `apiVersion: serving.knative.dev/v1
kind: Service
metadata: { name: ${name} }
spec: { template: { spec: { containers: [{ image: microbank/functions, env: [{ name: FUNCTION_TARGET, value: ${name} }] }] } } }
`,
  };
}

/** Text by path; undefined takes a file away. */
type Change = Record<string, string | undefined>;

export type SampleRepository = AsyncDisposable & {
  git: Git;
  folder: string;
  /** Commits each change, pushes all at once, and says what main is then. */
  push: (...changes: Change[]) => Promise<string>;
  plan: (...words: string[]) => Promise<Plan>;
  /** What the branch `deployed` says, and the subjects of its own commits, newest first. */
  deployed: () => Promise<{ record: Deployed; kustomization: string; subjects: string[] }>;
  /** Another clone, as another runner has it. */
  clone: () => Promise<string>;
};

export async function givenRepository(): Promise<SampleRepository> {
  const root = await mkdtemp(join(tmpdir(), 'microbank-delivery-'));
  const origin = join(root, 'origin.git');
  const folder = join(root, 'work');
  await gitIn(root)('init', '--quiet', '--bare', '--initial-branch', 'main', origin);
  let clones = 0;
  const clone = async (to = join(root, `clone-${++clones}`)) => {
    await gitIn(root)('clone', '--quiet', origin, to);
    await configure(gitIn(to));
    await symlink(join(checkout, 'node_modules'), join(to, 'node_modules'));
    return to;
  };
  await clone(folder);
  const git = gitIn(folder);
  await git('checkout', '--quiet', '-B', 'main');
  for (const file of real) await cp(join(checkout, file), join(folder, file));

  const push = async (...changes: Change[]) => {
    for (const [index, change] of changes.entries()) {
      for (const [path, text] of Object.entries(change)) await write(join(folder, path), text);
      await git('add', '--all');
      await git('commit', '--quiet', '--message', `change ${index}`);
    }
    await git('push', '--quiet', 'origin', 'main');
    return git('rev-parse', 'HEAD');
  };
  const plan = async (...words: string[]) => {
    const to = join(root, 'plan');
    await run(process.execPath, [join(folder, 'platform/delivery/plan-images.ts'), to, ...words], { cwd: folder });
    return JSON.parse(await readFile(join(to, 'plan.json'), 'utf8')) as Plan;
  };
  const deployed = async () => {
    await git('fetch', '--quiet', 'origin', 'deployed');
    const show = (name: string) => git('show', `FETCH_HEAD:platform/deployed/${name}`);
    const subjects = await git('log', '--first-parent', '--format=%s', 'FETCH_HEAD');
    return {
      record: JSON.parse(await show('images.json')) as Deployed,
      kustomization: await show('kustomization.yaml'),
      subjects: subjects.split('\n').filter((subject) => subject.startsWith('deploy:')),
    };
  };
  await push(sample);
  const dispose = () => rm(root, { recursive: true });
  return { git, folder, push, plan, deployed, clone: () => clone(), [Symbol.asyncDispose]: dispose };
}

/** As publishing leaves it, with digests that say of what they are. */
export function builtOf({ commit, registry, all, names, build }: Plan): Built {
  const images = build.map(({ name, content }) => [name, { digest: digestOf(name, content), content, commit }]);
  return { commit, registry, all, names, images: Object.fromEntries(images) as Built['images'] };
}

export function digestOf(name: string, content: string): string {
  return `sha256:${createHash('sha256').update(`${name} ${content}`).digest('hex')}`;
}

async function configure(git: Git): Promise<void> {
  await git('config', 'user.name', 'delivery');
  await git('config', 'user.email', 'delivery@bank.example');
}

async function write(path: string, text: string | undefined): Promise<void> {
  if (text === undefined) return rm(path);
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, text);
}
