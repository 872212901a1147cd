// Reads the Trigger manifests of a folder; refuses, by file and field, what this broker can't honour.
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import type * as z from 'zod';
import { type Trigger, triggerManifest } from './trigger.ts';

/** One line per problem: `<file>: <field>: <what is wrong>`. */
export class TriggersRefused extends Error {
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(problems.join('\n'));
    this.problems = problems;
  }
}

// Lists the folder's files for a cluster, and holds no Trigger itself.
const kustomization = 'kustomization.yaml';

/** All triggers of the folder's YAML files, in the order of their file names. Throws TriggersRefused with every problem. */
export async function readTriggers(folder: string, broker = 'bank'): Promise<Trigger[]> {
  const names = (await readdir(folder)).filter((name) => /\.ya?ml$/.test(name) && name !== kustomization).sort();
  const triggers: Trigger[] = [];
  const problems: string[] = [];
  const fileOf = new Map<string, string>();

  for (const file of names) {
    const found = parseTriggers(await readFile(join(folder, file), 'utf8'));
    problems.push(...found.problems.map((problem) => `${file}: ${problem}`));
    for (const { broker: wanted, ...trigger } of found.triggers) {
      if (wanted !== broker) problems.push(`${file}: spec.broker: is ${wanted}, and this broker is ${broker}`);
      const earlier = fileOf.get(trigger.name);
      if (earlier !== undefined) problems.push(`${file}: metadata.name: ${trigger.name} is already in ${earlier}`);
      fileOf.set(trigger.name, file);
      triggers.push(trigger);
    }
  }

  if (problems.length > 0) throw new TriggersRefused(problems);
  return triggers;
}

type Found = { triggers: z.output<typeof triggerManifest>[]; problems: string[] };

function parseTriggers(text: string): Found {
  const found: Found = { triggers: [], problems: [] };
  for (const document of parseAllDocuments(text, { uniqueKeys: true })) {
    const [error] = document.errors;
    if (error) {
      found.problems.push(`line ${error.linePos?.[0].line ?? 1}: ${error.message.split('\n')[0]}`);
      continue;
    }
    const manifest: unknown = document.toJS();
    if (manifest === null) continue;
    const parsed = triggerManifest.safeParse(manifest);
    if (parsed.success) found.triggers.push(parsed.data);
    else found.problems.push(...parsed.error.issues.flatMap(describeIssue));
  }
  return found;
}

function describeIssue(issue: z.core.$ZodIssue): string[] {
  const path = issue.path.map(String);
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => `${[...path, key].join('.')}: is not honoured by this broker`);
  }
  return [`${path.join('.') || 'document'}: ${issue.message}`];
}
