// The lines of a function that runs alone, as a log collector reads them.
import { expect, test } from 'vitest';
import { givenIssuer, startFunctionProcess } from '../testing/harness.ts';

test('a line names its function, once', async () => {
  const issuer = await givenIssuer();
  const nowhere = 'postgres://nobody@127.0.0.1:1/none';
  const fn = await startFunctionProcess('read-users', { DATABASE_URL: nowhere }, { issuer });
  const token = await issuer.tokenFor({ userId: 1, role: 'teller' });
  expect((await fn.request('GET', '/users', { token })).status).toBe(503);

  await expect.poll(() => fn.lines.find((line) => line.includes('request postponed'))).toBeDefined();
  for (const line of fn.lines) expect(line.match(/"function":"read-users"/g)).toHaveLength(1);
});
