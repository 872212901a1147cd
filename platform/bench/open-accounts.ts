// What the measurement needs in the bank: the teller's token, and a customer's accounts with money in them.
import { randomUUID } from 'node:crypto';
import { availableParallelism } from 'node:os';
import { connectKeepAlive } from './keep-alive-client.ts';
import type { OwnBank } from './own-bank.ts';

/** Units; nothing that is measured may run out of money. */
const openingBalance = 1_000_000;

export async function signIn({ origin, teller }: OwnBank): Promise<string> {
  const answer = await fetch(`${origin}/api/sessions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(teller),
  });
  if (answer.status !== 201) throw new Error(`the teller could not sign in: ${answer.status} ${await answer.text()}`);
  return ((await answer.json()) as { access_token: string }).access_token;
}

/** Opens `count` accounts through the API and returns their ids. */
export async function openAccounts(bank: OwnBank, token: string, count: number): Promise<number[]> {
  const user = await postOne(bank, token, '/api/users', {
    name: 'Bench Customer',
    email: `bench-${randomUUID()}@microbank.example`, // The database may have seen a measurement before.
  });
  const ids: number[] = [];
  let asked = 0;
  const connections = Math.min(count, 8 * availableParallelism());
  await Promise.all(
    Array.from({ length: connections }, async () => {
      const client = await connectKeepAlive(bank.origin, token);
      const body = JSON.stringify({ user_id: user, account_type: 'checking', balance: openingBalance });
      while (asked < count) {
        const status = await client.post('/api/accounts', `bench-account-${asked++}`, body);
        if (status !== 201) throw new Error(`no account was opened: ${status} ${client.lastBody()}`);
        ids.push((JSON.parse(client.lastBody()) as { id: number }).id);
      }
      client.close();
    }),
  );
  return ids;
}

async function postOne({ origin }: OwnBank, token: string, path: string, command: object): Promise<number> {
  const client = await connectKeepAlive(origin, token);
  const status = await client.post(path, `bench-one-${path}`, JSON.stringify(command));
  client.close();
  if (status !== 201) throw new Error(`${path} answered ${status} ${client.lastBody()}`);
  return (JSON.parse(client.lastBody()) as { id: number }).id;
}
