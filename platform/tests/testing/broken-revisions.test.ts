// The tests of the canary break a line of the ledger: without a cluster it is known at least that it is there.
import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { lineToBreak } from './broken-revisions.ts';

test('the line that the revision with wrong books breaks is the ledger’s, once', async () => {
  const source = await readFile(new URL('../../../functions/shared/ledger/post.ts', import.meta.url), 'utf8');
  expect(source.split(lineToBreak)).toHaveLength(2);
});
