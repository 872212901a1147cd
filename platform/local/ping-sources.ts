// Reads the PingSource manifests that wake the relay; refuses, by file and field, what `npm start` can't do.
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import * as z from 'zod';
import { CannotStart } from './cannot-start.ts';

export type PingSource = { name: string; namespace: string; contentType: string; data: string; uri: string };

const manifest = z
  .strictObject({
    apiVersion: z.literal('sources.knative.dev/v1'),
    kind: z.literal('PingSource'),
    metadata: z.strictObject({
      name: z.string().min(1),
      namespace: z.string().default('default'),
      labels: z.record(z.string(), z.string()).optional(),
      annotations: z.record(z.string(), z.string()).optional(),
    }),
    spec: z.strictObject({
      schedule: z.literal('* * * * *', 'must be * * * * *: here everything ticks each minute'),
      contentType: z.string().default('application/json'),
      data: z.string(),
      sink: z.strictObject({
        ref: z.strictObject({
          apiVersion: z.literal('serving.knative.dev/v1'),
          kind: z.literal('Service'),
          name: z.string().regex(/^relay(-[a-z]+)?$/, 'must be a relay: nothing else is woken here'),
          namespace: z.string().optional(),
        }),
        uri: z.string().default('/'),
      }),
    }),
  })
  .transform(({ metadata: { name, namespace }, spec: { contentType, data, sink } }): PingSource => ({
    name,
    namespace,
    contentType,
    data,
    uri: sink.uri,
  }));

// Lists the folder's files for a cluster, and holds no PingSource itself.
const kustomization = 'kustomization.yaml';

/** In the order of the file names. @throws CannotStart naming file and field of everything that can't be done. */
export async function readPingSources(folder: string): Promise<PingSource[]> {
  const sources: PingSource[] = [];
  const problems: string[] = [];
  const files = (await readdir(folder)).filter((name) => /\.ya?ml$/.test(name) && name !== kustomization);
  for (const file of files.sort()) {
    for (const document of parseAllDocuments(await readFile(join(folder, file), 'utf8'))) {
      const [error] = document.errors;
      const parsed = error ? undefined : manifest.safeParse(document.toJS());
      if (error) problems.push(`${file}: line ${error.linePos?.[0].line ?? 1}: ${error.message.split('\n')[0]}`);
      else if (parsed?.success) sources.push(parsed.data);
      else for (const issue of parsed?.error.issues ?? []) problems.push(...describeIssue(file, issue));
    }
  }
  if (problems.length > 0) throw new CannotStart(problems.join('; '));
  return sources;
}

function describeIssue(file: string, issue: z.core.$ZodIssue): string[] {
  const path = issue.path.map(String);
  if (issue.code !== 'unrecognized_keys') return [`${file}: ${path.join('.')}: ${issue.message}`];
  return issue.keys.map((key) => `${file}: ${[...path, key].join('.')}: is not honoured here`);
}
