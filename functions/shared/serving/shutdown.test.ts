// How a function that runs alone starts and stops.
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import { expect, test } from 'vitest';
import { givenIssuer, startFunctionProcess } from '../testing/harness.ts';
import { givenDatabases } from '../testing/postgres.ts';

test('stops at once when idle, although callers keep connections open', async () => {
  const issuer = await givenIssuer();
  const { users } = await givenDatabases();
  const running = await startFunctionProcess('read-users', { DATABASE_URL: users.url }, { issuer });
  const token = await issuer.tokenFor({ userId: 1, role: 'teller' });
  expect(await running.request('GET', '/users', { token })).toMatchObject({ status: 200, body: [] });
  const ended = await running.kill('SIGTERM');
  expect(ended).toMatchObject({ code: 0, signal: null });
  // Far less than the 95 s for which a connection is kept alive.
  expect(ended.ms).toBeLessThan(3_000);
});

test('finishes the requests under way when it is told to stop, and takes no more', async () => {
  const issuer = await givenIssuer();
  const { users } = await givenDatabases();
  const running = await startFunctionProcess('read-users', { DATABASE_URL: users.url }, { issuer });
  const token = await issuer.tokenFor({ userId: 1, role: 'teller' });
  const admin = new Client({ connectionString: users.adminUrl });
  await admin.connect();
  await admin.query('begin; lock table bank_user in access exclusive mode');

  const underWay = [1, 2].map(() => running.request('GET', '/users', { token }));
  await expect.poll(() => waitingFor(admin)).toBe(2);
  const ended = running.kill('SIGTERM');
  await sleep(200);
  await expect(running.request('GET', '/livez')).rejects.toThrow();
  await admin.query('commit');
  expect((await Promise.all(underWay)).map(({ status }) => status)).toEqual([200, 200]);
  expect(await ended).toMatchObject({ code: 0, signal: null });
  await admin.end();
});

test('is alive and ready while its database, its token issuer or the list of ended sessions is away, and says 503 meanwhile', async () => {
  const issuer = await givenIssuer();
  const away = { DATABASE_URL: 'postgres://nobody@127.0.0.1:1/none' };
  const running = await startFunctionProcess('read-users', away, { issuer });
  const withoutIssuer = await startFunctionProcess(
    'read-users',
    { ...away, JWKS_URL: 'http://127.0.0.1:1/' },
    { issuer },
  );
  const list = { ENDED_SESSIONS_URL: 'http://127.0.0.1:1/' };
  const withoutList = await startFunctionProcess('read-users', { ...away, ...list }, { issuer });
  for (const probe of ['/livez', '/readyz', '/healthz']) expect((await running.request('GET', probe)).status).toBe(200);
  const token = await issuer.tokenFor({ userId: 1, role: 'teller' });
  for (const { request } of [running, withoutIssuer, withoutList]) {
    const answer = await request('GET', '/users', { token });
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '1']);
  }
  expect((await running.kill('SIGTERM')).code).toBe(0);
});

test('says every problem of its configuration in one go and ends', async () => {
  await expect(startFunctionProcess('read-users', { JWT_ISSUER: '', PORT: 'x' })).rejects.toThrow(
    /ended with 1:\nPORT: .*\nJWT_ISSUER is missing/s,
  );
  await expect(startFunctionProcess('lend', {})).rejects.toThrow('there is no function lend; there are ');
});

async function waitingFor(admin: Client): Promise<number> {
  const { rows } = await admin.query<{ n: number }>('select count(*)::int as n from pg_locks where not granted');
  return rows[0]?.n ?? 0;
}
