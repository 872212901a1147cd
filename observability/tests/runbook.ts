// The runbook as whoever is called reads it: the statements of an alert's paragraph, with what they found filled in.
import { readFile } from 'node:fs/promises';

const paragraphs = (await readFile(new URL('../runbook.md', import.meta.url), 'utf8')).split('\n## ');

/** Indented as code, in their order; `:words` are to be filled in. @throws Error when there is none. */
export function statementsOf(alert: string): string[] {
  const paragraph = paragraphs.find((text) => text.startsWith(`${alert}\n`)) ?? '';
  const blocks = paragraph.split('\n\n').filter((block) => block.startsWith('    '));
  if (blocks.length === 0) throw new Error(`the runbook has no statement for ${alert}`);
  return blocks.map((block) => block.replaceAll(/^ {4}/gm, ''));
}

/** @throws Error when a word is not known. */
export function fillIn(statement: string, words: Record<string, string>): string {
  return statement.replaceAll(/(?<!:):([a-z]\w*)/g, (_word, name: string) => {
    const value = words[name];
    if (value === undefined) throw new Error(`nothing found is called ${name}: ${Object.keys(words).join(', ')}`);
    return value;
  });
}
