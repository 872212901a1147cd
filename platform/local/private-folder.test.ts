// What of the data folder others can read: nothing, whatever was there before.
import { chmod, mkdir, mkdtemp, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { makePrivate } from './private-folder.ts';

/** Folders end in `/`. All of it open to everybody. */
async function givenOpenFolder(...names: string[]): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'microbank-private-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  for (const name of names) {
    const path = join(folder, name);
    await mkdir(name.endsWith('/') ? path : dirname(path), { recursive: true });
    if (!name.endsWith('/')) await writeFile(path, '');
    await chmod(path, name.endsWith('/') ? 0o755 : 0o644);
  }
  await chmod(folder, 0o755);
  return folder;
}
const modeOf = async (folder: string, name = ''): Promise<string> =>
  ((await stat(join(folder, name))).mode & 0o777).toString(8);

test('closes the folder and all that the bank keeps in it', async () => {
  const files = [
    'lock',
    'lock-journal',
    'running.json',
    'teller.json',
    'secrets.json',
    'signing-key.json',
    'event-keys.json',
    'demo.json',
  ];
  const more = ['teller.json.new', 'postgres.log', 'compile-cache/v24/0f'];
  const folders = ['compile-cache/', 'compile-cache/v24/', 'postgres/', 'postgres.half-made-7/'];
  const folder = await givenOpenFolder(...folders, ...files, ...more);
  makePrivate(folder);
  expect(await modeOf(folder)).toBe('700');
  for (const name of folders) expect(await modeOf(folder, name), name).toBe('700');
  for (const name of [...files, ...more]) expect(await modeOf(folder, name), name).toBe('600');
});

test('leaves a folder open in which others keep their things, and those things', async () => {
  const folder = await givenOpenFolder('teller.json', 'of-somebody-else', 'shared/', 'shared/teller.json');
  makePrivate(folder);
  expect(await modeOf(folder)).toBe('755');
  expect(await modeOf(folder, 'teller.json')).toBe('600');
  for (const name of ['of-somebody-else', 'shared/teller.json']) expect(await modeOf(folder, name), name).toBe('644');
});

test('follows no link', async () => {
  const elsewhere = await givenOpenFolder('file', 'folder/', 'folder/file');
  const folder = await givenOpenFolder();
  await symlink(join(elsewhere, 'file'), join(folder, 'teller.json'));
  await symlink(join(elsewhere, 'folder'), join(folder, 'compile-cache'));
  makePrivate(folder);
  expect(await modeOf(elsewhere, 'file')).toBe('644');
  expect(await modeOf(elsewhere, 'folder/file')).toBe('644');
});
