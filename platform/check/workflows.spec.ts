// The workflows: what actionlint and zizmor say of them, what they may do, and that nothing in them moves by itself.
import { execFile } from 'node:child_process';
import { glob, readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { checkout } from './kustomize.ts';

const cache = join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'microbank');
const folder = '.github/workflows';

type Step = { uses?: string; run?: string; with?: Record<string, unknown>; env?: Record<string, unknown> };
type Job = {
  permissions?: Record<string, string>;
  'timeout-minutes'?: number;
  'runs-on'?: string;
  uses?: string;
  steps?: Step[];
};
type Workflow = {
  on: Record<string, unknown>;
  permissions?: Record<string, string>;
  concurrency?: object;
  jobs: Record<string, Job>;
};

const files: { name: string; text: string; workflow: Workflow }[] = [];
for await (const file of glob(`${folder}/*.yml`, { cwd: checkout })) {
  const text = await readFile(join(checkout, file), 'utf8');
  files.push({ name: basename(file), text, workflow: parse(text) as Workflow });
}
const jobs = files.flatMap(({ name, workflow }) =>
  Object.entries(workflow.jobs).map(([job, content]) => ({ name: `${name}: ${job}`, job: content })),
);

test('actionlint has nothing to say', async () => {
  expect(await lint(join(cache, 'actionlint-v1.7.12/actionlint'), '-no-color')).toBe('');
});

test('zizmor has nothing to say', async () => {
  const words = ['--offline', '--no-progress', '--quiet', '--color=never', '--format=plain', '.github'];
  expect(await lint(join(cache, 'zizmor-1.32.0/bin/zizmor'), ...words)).toMatch(/^(No findings to report.*)?$/);
});

test('no job has a right that its workflow gives to all, and each ends in time', () => {
  for (const { name, workflow } of files) expect(workflow.permissions, name).toEqual({});
  for (const { name, job } of jobs) {
    expect(job.permissions, name).toBeDefined();
    if (job.uses === undefined) expect(job['timeout-minutes'], name).toBeGreaterThan(0);
    if (job['runs-on'] !== undefined) expect(job['runs-on'], name).not.toContain('latest');
  }
});

test('what a stranger’s pull request starts may only read, and knows no secret', () => {
  const started = files.filter(({ workflow }) => 'pull_request' in workflow.on);
  expect(started.map(({ name }) => name).sort()).toEqual(['check.yml', 'kind.yml']);
  for (const { name, text, workflow } of started) {
    for (const job of Object.values(workflow.jobs)) expect(job.permissions, name).toEqual({ contents: 'read' });
    expect(text, name).not.toMatch(/secrets\.|github\.token|pull_request_target|workflow_run/);
  }
  for (const { name, text } of files) expect(text, name).not.toMatch(/pull_request_target|workflow_run:/);
});

test('every action is a commit, with its version beside it', () => {
  const uses = files.flatMap(({ name, text }) =>
    [...text.matchAll(/uses: *(.*)$/gm)].map(([, used = '']) => ({ name, used })),
  );
  expect(uses.length).toBeGreaterThan(20);
  const versions = new Map<string, string>();
  for (const { name, used } of uses.filter(({ used }) => !used.startsWith('./'))) {
    expect(used, name).toMatch(/^[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/);
    const [action = '', version = ''] = used.split('@');
    expect(versions.get(action) ?? version, `${action} in ${name} is another than elsewhere`).toBe(version);
    versions.set(action, version);
  }
});

test('no checkout keeps a token, and no script has an expression in it', () => {
  for (const { name, job } of jobs) {
    for (const { uses = '', with: given = {}, run = '' } of job.steps ?? []) {
      if (uses.startsWith('actions/checkout@')) expect(given['persist-credentials'], name).toBe(false);
      expect(run, `${name}: what is between braces would be part of the script`).not.toContain('${{');
    }
  }
});

test('every file that a workflow runs is there', async () => {
  const named = files.flatMap(({ text }) => text.match(/platform\/[\w/-]+\.(ts|sh)\b/g) ?? []);
  expect(named.length).toBeGreaterThan(5);
  for (const file of named) await expect(readFile(join(checkout, file)), file).resolves.toBeDefined();
  const { scripts } = JSON.parse(await readFile(join(checkout, 'package.json'), 'utf8')) as { scripts: object };
  const run = files.flatMap(({ text }) => [...text.matchAll(/npm run ([\w:]+)/g)].map(([, script]) => script));
  const inMatrix = files.flatMap(({ text }) => [...text.matchAll(/script: '?([\w:]+)/g)].map(([, script]) => script));
  for (const script of [...run, ...inMatrix]) expect(Object.keys(scripts)).toContain(script);
});

/** What it said, which is nothing when all is well. */
async function lint(program: string, ...words: string[]): Promise<string> {
  // shellcheck looks into the scripts of steps when it is in the PATH.
  const { stdout } = await promisify(execFile)(program, words, { cwd: checkout }).catch((error: unknown) => {
    const { code, stdout: said, stderr } = error as { code?: string | number; stdout?: string; stderr?: string };
    if (code === 'ENOENT') return { stdout: `There is no ${program}: run platform/local/install-test-packages.sh.` };
    return { stdout: `${said ?? ''}${stderr ?? ''}` || String(error) };
  });
  return stdout.trim();
}
