// Nothing that this is made of moves by itself, and every package may be used: what can be known of packages without asking anybody.
// Known flaws are looked up by the workflow (check.yml, known-flaws).
import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { expect, test } from 'vitest';
import { findLicenceProblems, type LockedPackage } from './licences.ts';

const checkout = resolve(import.meta.dirname, '../..');
const read = (file: string) => readFile(join(checkout, file), 'utf8');
const settings = JSON.parse(await read('package.json')) as Record<string, Record<string, string>>;
const lock = JSON.parse(await read('package-lock.json')) as { packages: Record<string, LockedPackage> };

test('every package has one exact version, and a checksum', () => {
  const named = ['dependencies', 'devDependencies', 'optionalDependencies'].flatMap((kind) =>
    Object.entries(settings[kind] ?? {}),
  );
  for (const [name, version] of named) {
    expect(version, name).toMatch(/^\d+\.\d+\.\d+(-[\w.]+)?$/);
    expect(lock.packages[`node_modules/${name}`]?.version, `${name} in package-lock.json`).toBe(version);
  }
  const unsure = Object.entries(lock.packages).filter(
    ([path, { integrity }]) => path !== '' && !/^sha512-/.test(integrity ?? ''),
  );
  expect(unsure.map(([path]) => path)).toEqual([]);
  // Not from an address of somebody's own.
  const elsewhere = Object.values(lock.packages).filter(
    ({ resolved }) => resolved !== undefined && !resolved.startsWith('https://registry.npmjs.org/'),
  );
  expect(elsewhere).toEqual([]);
});

test('every package may be used for what it is used for', () => {
  expect(findLicenceProblems(lock.packages)).toEqual([]);
});

test.each<[what: string, locked: LockedPackage, problem: string | undefined]>([
  ['a permissive one', { license: 'MIT' }, undefined],
  ['one of two that may be chosen', { license: '(GPL-3.0-only OR MIT)' }, undefined],
  ['two that both hold', { license: 'MIT AND GPL-3.0-only' }, 'MIT AND GPL-3.0-only'],
  ['none', {}, 'none said'],
  ['one that is an exception for others', { license: 'MPL-2.0' }, 'MPL-2.0'],
  ['a copyleft one', { license: 'AGPL-3.0-only' }, 'AGPL-3.0-only'],
])('%s', (_what, locked, problem) => {
  const found = findLicenceProblems({ '': { license: 'none' }, 'node_modules/one': { version: '1.0.0', ...locked } });
  expect(found).toEqual(problem === undefined ? [] : [`one 1.0.0: ${problem}`]);
});

test('what scripts and workflows install has one exact version', async () => {
  const files = ['platform/local/install-test-packages.sh', 'platform/kind/versions.env', '.github/workflows/kind.yml'];
  // A command that goes on in the next line is one.
  const text = (await Promise.all(files.map(read))).join('\n').replaceAll(/\\\n\s*/g, ' ');
  for (const [line] of text.matchAll(/^.*\bgo install .*$/gm)) expect(line).toMatch(/@(v\d+\.\d+\.\d+|\$2)"?( |$)/);
  for (const [line] of text.matchAll(/^build (?!NAME).*$/gm)) expect(line).toMatch(/^build \w+ v\d+\.\d+\.\d+ /);
  for (const [line] of text.matchAll(/^.*pip install .*$/gm)) expect(line).toMatch(/==\d+\.\d+\.\d+/);
  const versions = [...text.matchAll(/^(\w+_VERSION)=(.*)$/gm)];
  expect(versions.length).toBeGreaterThan(5);
  for (const [, name, version] of versions) expect(version, name).toMatch(/^\d+\.\d+\.\d+$/);
});
