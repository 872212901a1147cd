// Before all steps: an empty table. After them: the table with what they measured.
import { rm } from 'node:fs/promises';
import { figuresFile, figuresTable } from './figures.ts';

export async function setup(): Promise<() => Promise<void>> {
  await rm(figuresFile, { force: true });
  return async () => console.log(`\n${await figuresTable()}\n`);
}
