// An image of one function has that function and what it needs; its hash says what it has, and nothing of where it was made.
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative, resolve } from 'node:path';
import { expect, test } from 'vitest';
import { bundle } from './bundle.ts';
import { contentsOf, imageNames } from './contents.ts';

const checkout = resolve(import.meta.dirname, '../..');

async function givenImage(image: string) {
  const folder = await mkdtemp(join(tmpdir(), 'microbank-image-'));
  const chunks = await bundle(folder, image);
  const modules = chunks.flatMap(({ moduleIds }) => moduleIds).map((id) => relative(checkout, id));
  const files = await readdir(folder);
  await rm(folder, { recursive: true });
  const functions = new Set(modules.flatMap((file) => /^functions\/(?!shared\/)([^/]+)\//.exec(file)?.[1] ?? []));
  return { files: files.sort(), modules, functions: [...functions] };
}

test('there is an image for each function, one for the Jobs, and the edge', async () => {
  const names = await imageNames();
  for (const name of ['deposit', 'edge', 'jobs', 'relay', 'sign-in']) expect(names).toContain(name);
});

test('the image of a function has no other function, and no file that it does not read', async () => {
  const { functions, files, modules } = await givenImage('deposit');
  expect(functions).toEqual(['deposit']);
  expect(files).toEqual(['main.js', 'package.json', 'parts', 'warm-up.js']);
  expect(modules.filter((file) => file.startsWith('..'))).toEqual([]);
  expect((await givenImage('relay')).files).toContain('triggers');
});

test('the image of the Jobs has migrations, and no program that answers anybody', async () => {
  const { functions, files } = await givenImage('jobs');
  // Parts of the operations that the first teller is registered with; no program that answers anybody.
  expect(functions).not.toContain('deposit');
  expect(files).toContain('migrations');
  expect(files).not.toContain('main.js');
});

test('an image that is not there is named, with those that are', async () => {
  await expect(bundle(join(tmpdir(), 'never'), 'borrow')).rejects.toThrow(
    /^there is no image borrow; there are jobs, /,
  );
});

test('the same sources have the same hash, and no two images have one', async () => {
  const contents = await contentsOf(['deposit', 'withdraw', 'jobs']);
  expect(await contentsOf(['deposit', 'withdraw', 'jobs'])).toEqual(contents);
  expect(new Set(Object.values(contents)).size).toBe(3);
  for (const content of Object.values(contents)) expect(content).toMatch(/^sha256:[0-9a-f]{64}$/);
});
