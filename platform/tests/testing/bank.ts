// The bank on the cluster as its tests reach it: by the edge's port of this machine, with the first teller.
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { setTimeout as sleep } from 'node:timers/promises';
import { createBankApi, type BankApi } from '../../traffic/bank-api.ts';
import { signIn, type Credentials, type Person } from '../../traffic/customers.ts';
import { checkout } from '../../local/settings.ts';
import { kubectl, list, secret, type Listed } from './kubectl.ts';

export const kindFolder = join(checkout, 'platform/kind');

/** Longer than any part of the bank is away when one of its pods is killed. */
const outageMs = 180_000;

/** As lib.sh finds it. An address rather than a name, which not every resolver of this machine knows. */
export async function bankUrl(): Promise<string> {
  const script = `source "${kindFolder}/lib.sh"; bank_port`;
  const { stdout } = await promisify(execFile)('bash', ['-c', script]);
  return `http://127.0.0.1:${stdout.trim()}`;
}

export async function firstTeller(): Promise<Credentials> {
  const { email = '', password = '' } = await secret('first-teller');
  return { email, password };
}

export type TestedBank = { url: string; api: BankApi; teller: Person };

/** `onRetry` is called for every request that was answered 502, 503 or 504, or not at all, and is sent again. */
export async function findBank(onRetry?: () => void): Promise<TestedBank> {
  const url = await bankUrl();
  const api = createBankApi(url, onRetry, outageMs);
  return { url, api, teller: await signIn(api, await firstTeller()) };
}

type Owed = { events_owed: number; dead_letters: number; books: { currency: string; sum: number }[] };

export async function operations({ api, teller }: TestedBank): Promise<Owed> {
  const { status, body } = await api.send({ method: 'GET', path: '/operations', token: await teller.token() });
  if (status !== 200) throw new Error(`GET /operations answered ${status}`);
  return body as Owed;
}

/** Resolves with the seconds until nothing was owed any more. */
export async function nothingOwed(bank: TestedBank, patienceMs = 240_000): Promise<number> {
  const began = performance.now();
  for (;;) {
    const { events_owed } = await operations(bank);
    const waitedMs = performance.now() - began;
    if (events_owed === 0) return waitedMs / 1_000;
    if (waitedMs > patienceMs)
      throw new Error(`${events_owed} events are owed after ${Math.round(waitedMs / 1_000)} s`);
    await sleep(2_000);
  }
}

/** Copies of functions that are wanted or there. */
export async function copies(functionName?: string): Promise<Map<string, number>> {
  const label = 'serving.knative.dev/service';
  const selector = functionName === undefined ? label : `${label}=${functionName}`;
  const deployments = await list<Listed & { spec: { replicas: number }; status: { replicas?: number } }>(
    'deployments',
    selector,
  );
  const found = new Map<string, number>();
  for (const { metadata, spec, status } of deployments) {
    const name = metadata.labels?.[label] ?? '';
    found.set(name, (found.get(name) ?? 0) + Math.max(spec.replicas, status.replicas ?? 0));
  }
  return found;
}

/** Resolves with the seconds until these functions, or all, had no copy. The relays wake once a minute and sleep again. */
export async function atZero(patienceMs: number, only?: readonly string[]): Promise<number> {
  const began = performance.now();
  for (;;) {
    const awake = [...(await copies())].filter(([name, n]) => n > 0 && (only?.includes(name) ?? true));
    const waitedMs = performance.now() - began;
    if (awake.length === 0) return waitedMs / 1_000;
    if (waitedMs > patienceMs) throw new Error(`still awake: ${awake.map(([name, n]) => `${name} × ${n}`).join(', ')}`);
    await sleep(1_000);
  }
}

/** Waits until the pods that a selector names are ready again. */
export async function podsReady(selector: string, seconds = 180): Promise<void> {
  await kubectl('wait', '--for=condition=Ready', `--timeout=${seconds}s`, 'pod', '--selector', selector);
}
