// What holds for the folder as a whole: parts, size, secrets, and the shell scripts.
import { execFileSync } from 'node:child_process';
import { glob, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { checkout, kustomizations } from './kustomize.ts';
import { nameOf } from './manifest.ts';
import { ofKind, renderOverlays } from './overlays.ts';

const overlays = await renderOverlays();
/** In the order in which up.sh applies them. */
const parts = [
  'namespaces',
  'policies',
  'data',
  'rabbitmq',
  'broker',
  'migrate',
  'teller',
  'edge',
  'functions',
  'triggers',
  'backup',
  'monitoring',
];

test.each(overlays)('every object of $name belongs to a part, and every part has objects', ({ manifests }) => {
  const found = manifests.map(({ metadata }) => metadata.labels?.['microbank.dev/part']);
  expect(manifests.filter((_, i) => !parts.includes(found[i] ?? '')).map(nameOf)).toEqual([]);
  expect(parts.filter((part) => !found.includes(part))).toEqual([]);
});

test.each(overlays)(
  'namespaces of $name enforce Pod Security; the bank’s demands the rest by a policy of its own',
  (overlay) => {
    const levels = ofKind(overlay, 'v1', 'Namespace').map(({ metadata }) => [
      metadata.name,
      metadata.labels?.['pod-security.kubernetes.io/enforce'],
    ]);
    expect(Object.fromEntries(levels)).toEqual({
      microbank: 'baseline',
      monitoring: 'restricted',
      logging: 'restricted',
      argocd: 'restricted',
    });
    const binding = ofKind(overlay, 'admissionregistration.k8s.io/v1', 'ValidatingAdmissionPolicyBinding');
    expect(binding.map(({ spec }) => spec)).toMatchObject([
      { policyName: 'microbank-restricted-pods', validationActions: ['Deny'] },
    ]);
  },
);

test.each(overlays)('no Secret, no key and no password of $name is in the repository', ({ manifests }) => {
  expect(manifests.filter(({ kind }) => kind === 'Secret').map(nameOf)).toEqual([]);
  const secret = /PRIVATE KEY|postgres(ql)?:\/\/[^"\s]*:[^"\s]*@|"d":/;
  expect(manifests.filter((manifest) => secret.test(JSON.stringify(manifest))).map(nameOf)).toEqual([]);
});

test('an overlay fits on a screen, and a file of base is one resource', async () => {
  for (const folder of await kustomizations()) {
    const text = await readFile(join(checkout, folder, 'kustomization.yaml'), 'utf8');
    if (folder.startsWith('platform/overlays/')) expect(text.split('\n').length, folder).toBeLessThanOrEqual(60);
  }
  const several = (await filesOf('platform/base/**/*.yaml')).map(async (file) => ({
    file,
    several: /^---$/m.test(await readFile(join(checkout, file), 'utf8')),
  }));
  expect((await Promise.all(several)).filter(({ several }) => several)).toEqual([]);
});

test('shellcheck has nothing to say about any script', async () => {
  const scripts = ['.ci/run', ...(await filesOf('**/*.sh'))];
  expect(scripts.length).toBeGreaterThan(0);
  expect(shellcheck(scripts)).toBe('');
});

async function filesOf(pattern: string): Promise<string[]> {
  const files: string[] = [];
  const exclude = (path: string): boolean => /(^|\/)(node_modules|dist|\.microbank)$/.test(path);
  for await (const file of glob(pattern, { cwd: checkout, exclude })) files.push(file);
  return files.sort();
}

function shellcheck(scripts: string[]): string {
  try {
    return execFileSync('shellcheck', ['--external-sources', ...scripts], { cwd: checkout, encoding: 'utf8' });
  } catch (error) {
    const { code, stdout } = error as { code?: string; stdout?: string };
    if (code === 'ENOENT')
      return 'There is no shellcheck: apt-get install shellcheck, or run platform/local/install-test-packages.sh.';
    return stdout ?? String(error);
  }
}
