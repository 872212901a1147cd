// A session's end reaches every function within five seconds, two processes of each, and what gives or takes rights at once.
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import type { Route } from '../../functions/shared/contract/function.ts';
import { loadFunction } from '../../functions/shared/process/load-functions.ts';
import type { Session } from '../../functions/sign-in/contract.ts';
import { mustCreate } from '../traffic/customers.ts';
import { findBank, type TestedBank } from './testing/bank.ts';
import { note } from './testing/figures.ts';
import { knativeServices, startCopies, type FunctionCopy, type KnativeService } from './testing/function-copies.ts';

/** What is promised. */
const withinMs = 5_000;
const processes = 2;
/** So many functions at a time: more copies would not fit on a node with two cores. */
const functionsAtOnce = 6;

type Asked = { method: string; path: string };

/** A route of a function that needs somebody; what it would answer does not matter. */
async function routeOf({ spec }: KnativeService): Promise<Asked | undefined> {
  const container = spec.template.spec.containers[0] as { env?: { name: string; value?: string }[] };
  const target = container.env?.find(({ name }) => name === 'FUNCTION_TARGET')?.value ?? '';
  const { contract } = await loadFunction(target);
  const found = Object.entries<Route>(contract.routes).find(([, { access }]) => access !== 'anyone');
  const [method = '', path = ''] = (found?.[0] ?? '').replace(/\{\w+\}/g, '999999').split(' ');
  return found && { method, path };
}

async function givenTeller({ api, teller }: TestedBank): Promise<{ id: number; session: Session }> {
  const person = { email: `teller-${randomUUID().slice(0, 8)}@example.com`, password: 'four unrelated words do' };
  const body = { name: 'Terry Teller', ...person, role: 'teller' };
  const token = await teller.token();
  const { id } = await mustCreate<{ id: number }>(api, { method: 'POST', path: '/users', token, body });
  return { id, session: await mustCreate<Session>(api, { method: 'POST', path: '/sessions', body: person }) };
}

/** Functions that are asked for it may have to start: what was not answered is asked again, with its key. */
async function remove({ url, teller }: TestedBank, id: number): Promise<void> {
  const headers = { authorization: `Bearer ${await teller.token()}`, 'idempotency-key': randomUUID() };
  const ask = async (): Promise<number> =>
    (await fetch(`${url}/api/users/${id}`, { method: 'DELETE', headers })).status;
  await expect.poll(ask, { timeout: 60_000, interval: 1_000 }).toBe(204);
}

async function tell(url: string, { method, path }: Asked, token: string, body?: object): Promise<string> {
  const response = await fetch(url + path, {
    method,
    headers: { authorization: `Bearer ${token}`, ...(body && { 'content-type': 'application/json' }) },
    ...(body && { body: JSON.stringify(body) }),
  });
  if (response.status === 401) return `401 ${((await response.json()) as { code: string }).code}`;
  // A stream that is let in would not end; only its head is of interest.
  await response.body?.cancel();
  return response.status < 500 ? 'let in' : `${response.status}`;
}

test('a removed teller’s token is refused by two processes of every function within five seconds', async () => {
  const bank = await findBank();
  const services = await knativeServices();
  const routes = await Promise.all(services.map(routeOf));
  const asked = services.flatMap((service, index) => {
    const route = routes[index];
    return route ? [{ service, name: service.metadata.name, route }] : [];
  });
  expect(asked.length).toBeGreaterThan(15);
  for (let first = 0; first < asked.length; first += functionsAtOnce) {
    const some = asked.slice(first, first + functionsAtOnce);
    await using started = await startCopies(
      some.map(({ service }) => service),
      processes,
    );
    const { copies } = started;
    const { id, session } = await givenTeller(bank);
    const ask = (): Promise<string[]> =>
      Promise.all(
        copies.map(async ({ name, url }: FunctionCopy) => {
          const { route } = some.find((one) => one.name === name) as (typeof some)[number];
          return `${name}: ${await tell(url, route, session.access_token)}`;
        }),
      );
    const all = (told: string): string[] => copies.map(({ name }) => `${name}: ${told}`);
    expect(await ask()).toEqual(all('let in'));
    await remove(bank, id);
    // Nobody asks in between, which would make the copies of the list younger than they may be.
    await sleep(withinMs);
    expect(await ask()).toEqual(all('401 session_ended'));
  }
  await note('sessions', `refused 5 s after the end, by ${processes} processes of each`, `${asked.length} functions`);
});

test('what gives or takes rights refuses it at once, in a process that has not heard of the end', async () => {
  const bank = await findBank();
  const privileged: [name: string, asked: Asked, body?: object][] = [
    [
      'register-user',
      { method: 'POST', path: '/users' },
      {
        name: 'Accomplice',
        email: `accomplice-${randomUUID().slice(0, 8)}@example.com`,
        password: 'four unrelated words do',
        role: 'teller',
      },
    ],
    ['remove-user', { method: 'DELETE', path: '/users/VICTIM' }],
    ['change-role', { method: 'POST', path: '/users/VICTIM/role' }, { role: 'customer', reason: 'Revenge' }],
    ['reset-password', { method: 'POST', path: '/users/VICTIM/password-reset' }, {}],
  ];
  const services = (await knativeServices()).filter(({ metadata }) =>
    privileged.some(([name]) => name === metadata.name),
  );
  await using started = await startCopies(services, 1);
  const [leaver, victim] = [await givenTeller(bank), await givenTeller(bank)];
  const token = leaver.session.access_token;
  const urlOf = (name: string): string => started.copies.find((copy) => copy.name === name)?.url ?? '';
  // Each has a fresh copy of the list, in which nobody has ended: a path that is not there is refused after the token was taken.
  for (const [name, { method, path }] of privileged)
    expect(await tell(urlOf(name), { method, path: path.replace('VICTIM', '999999') }, token, {}), name).toBe('let in');
  await remove(bank, leaver.id);
  for (const [name, { method, path }, body] of privileged) {
    const answer = await tell(urlOf(name), { method, path: path.replace('VICTIM', String(victim.id)) }, token, body);
    expect(answer, name).toBe('401 session_ended');
  }
  const { status } = await bank.api.send({
    method: 'GET',
    path: `/users/${victim.id}`,
    token: victim.session.access_token,
  });
  expect(status).toBe(200);
  await note('sessions', 'refused at once, where rights are given or taken', `${privileged.length} functions`);
});
