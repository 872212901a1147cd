// A removal that finds close-account at zero: it waits for it before its transaction, which may not wait that long.
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { listen } from '../shared/serving/listen.ts';
import { givenIssuer, startBank } from '../shared/testing/harness.ts';
import { createLedgerStub } from '../shared/testing/ledger-stub.ts';
import { givenDatabases } from '../shared/testing/postgres.ts';

/** Longer than the transaction waits for an answer. */
const startMs = 4_700;

test('a user is removed although the ledger has to start for it', { timeout: 30_000 }, async () => {
  const issuer = await givenIssuer();
  const ledger = await startBank({ issuer, functions: [createLedgerStub(() => 0)] });
  const functionUrl = await givenColdFunction(`${ledger.origin}/close-account`);
  const bank = await startBank({
    issuer,
    databases: await givenDatabases(),
    functions: ['register-user', 'remove-user'],
    config: { functionUrl: `${functionUrl}/{function}` },
  });
  const token = await bank.tellerToken();
  const body = { name: 'Lea Leaver', email: 'lea@example.com' };
  const { body: user } = await bank.request<{ id: number }>('POST', '/users', { token, body });
  expect((await bank.request('DELETE', `/users/${user.id}`, { token })).status).toBe(204);
});

/** Passes on what comes, from `startMs` after the first request on; what came before waits for that, as at Knative's activator. */
async function givenColdFunction(address: string): Promise<string> {
  let starting: Promise<unknown> | undefined;
  const { url, stop } = await listen(
    (request, response) => {
      void (async () => {
        const chunks: Buffer[] = [];
        for await (const chunk of request) chunks.push(chunk as Buffer);
        await (starting ??= sleep(startMs));
        const path = (request.url ?? '').replace('/close-account', '');
        const { method = '', headers } = request;
        const kept = Object.entries(headers).filter(([name]) => /^(authorization|content-type|ce-.*)$/.test(name));
        const sent = {
          method,
          headers: kept as [string, string][],
          ...(chunks.length > 0 && { body: Buffer.concat(chunks) }),
        };
        const answer = await fetch(address + path, sent);
        const text = await answer.text();
        response.writeHead(answer.status, [...answer.headers].flat()).end(text);
      })();
    },
    { port: 0, host: '127.0.0.1', graceMs: 100 },
  );
  onTestFinished(stop);
  return url;
}
