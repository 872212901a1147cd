// What the steps measured, kept in a file between their processes, and printed as one table at the end.
import { appendFile, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { table } from '../../traffic/table.ts';

export const figuresFile = process.env['PLATFORM_FIGURES'] ?? join(tmpdir(), 'microbank-platform-figures.jsonl');

type Figure = { step: string; what: string; value: string };

export async function note(step: string, what: string, value: string | number): Promise<void> {
  const figure: Figure = { step, what, value: String(value) };
  console.log(`  ${what}: ${value}`);
  await appendFile(figuresFile, `${JSON.stringify(figure)}\n`);
}

export async function figuresTable(): Promise<string> {
  const lines = (await readFile(figuresFile, 'utf8').catch(() => '')).split('\n').filter((line) => line !== '');
  const figures = lines.map((line) => JSON.parse(line) as Figure);
  return table([['step', 'what', 'figure'], ...figures.map(({ step, what, value }) => [step, what, value])]);
}

export function seconds(ms: number): string {
  return `${(ms / 1_000).toFixed(1)} s`;
}
