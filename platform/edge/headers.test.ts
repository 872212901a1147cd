// No function reads a header that the edge would drop.
import { glob, readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { ownPageHeader } from '../../functions/shared/contract/headers.ts';
import { edgeHeaders, passedHeaders } from './headers.ts';

/** nginx writes these by itself. */
const ofTheBody = ['content-length', 'transfer-encoding'];
/** `headers.cookie`, `headers['accept']`, and `'content-length': length,` where several are taken out of `request.headers`. */
const readers = [
  /(?:request\.|[^./\w])headers\.(\w+)/g,
  /(?:request\.|[^.\w])headers\[\s*'([\w-]+)'\s*\](?!\s*=[^=])/g,
  /^ +'([a-z-]+)': \w+,$(?=[^;]*\} = request\.headers)/gm,
  /^ +'([a-z-]+)': \w+ = '',$/gm,
];

test('passes on every header that functions read of a request', async () => {
  const found = new Set<string>();
  for await (const file of glob('{functions,eventing/events}/**/*.ts', { cwd: new URL('../../', import.meta.url) })) {
    if (/\.test\.ts$|\/testing\/|\/tests\//.test(file)) continue;
    const source = await readFile(new URL(`../../${file}`, import.meta.url), 'utf8');
    for (const reader of readers) for (const [, name = ''] of source.matchAll(reader)) found.add(name);
  }
  expect([...found]).toEqual(expect.arrayContaining(['authorization', 'sec-fetch-site', 'content-encoding']));

  const passed = new Set<string>([...passedHeaders, ...Object.keys(edgeHeaders), ownPageHeader.name, ...ofTheBody]);
  expect([...found].filter((name) => !passed.has(name))).toEqual([]);
  expect(passedHeaders).toContain(ownPageHeader.name);
});
