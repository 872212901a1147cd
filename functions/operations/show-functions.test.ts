// What tellers see of the functions where one process serves them all, and where nobody has counted.
import { expect, test } from 'vitest';
import type { Config } from '../shared/process/config.ts';
import type { BankFunction } from '../shared/process/define-function.ts';
import { startBank, type TestBank } from '../shared/testing/harness.ts';
import { thingsFunction } from '../shared/testing/things-function.ts';
import type { FunctionStats } from './contract.ts';

type Given = { functions?: (string | BankFunction)[]; config?: Partial<Config> };

async function givenBank({ functions = ['operations', thingsFunction], config = {} }: Given = {}) {
  const clock = { ms: Math.ceil(Date.now() / 30_000) * 30_000 };
  const bank = await startBank({ functions, config, now: () => new Date(clock.ms) });
  const token = await bank.tokenFor({ userId: 1, role: 'teller' });
  const show = () => bank.request<FunctionStats>('GET', '/operations/functions', { token });
  return { bank, clock, show };
}

/** Waits until so many requests of a function are counted: that is done when their answers are out. */
async function counted({ environment }: TestBank, name: string, expected: number): Promise<void> {
  const count = () =>
    Object.values(environment.requests.of(name).sinceStart().requests).reduce((sum, some) => sum + some, 0);
  await expect.poll(count).toBe(expected);
}

test('shows what each function was asked in the last hour, and the whole bank step by step', async () => {
  const { bank, clock, show } = await givenBank();
  await bank.request('GET', '/things/7');
  await bank.request('GET', '/things/8');
  await bank.request('POST', '/things', { body: { size: 13 } });
  await bank.request('POST', '/things', { body: { size: 500 } });
  await counted(bank, 'things', 4);
  clock.ms += 60_000;
  await bank.request('GET', '/things/9');
  await counted(bank, 'things', 5);

  const { status, body } = await show();
  expect([status, body.source, body.window_seconds]).toEqual([200, 'process', 3600]);
  const unknown = { copies: null, cold_starts: null };
  const latency = expect.any(Number) as number;
  expect(body.functions).toEqual([
    { name: 'operations', requests: 0, refusals: 0, errors: 0, p50_ms: null, p95_ms: null, ...unknown },
    { name: 'things', requests: 5, refusals: 1, errors: 1, p50_ms: latency, p95_ms: latency, ...unknown },
  ]);
  expect(body.functions[1]?.p95_ms).toBeGreaterThanOrEqual(body.functions[1]?.p50_ms ?? NaN);

  expect(body.series).toHaveLength(120);
  const at = (ms: number) => new Date(ms).toISOString();
  expect(body.series.slice(-4)).toEqual([
    { at: at(clock.ms - 90_000), requests: 0, errors: 0, p50_ms: null, p95_ms: null },
    { at: at(clock.ms - 60_000), requests: 4, errors: 1, p50_ms: latency, p95_ms: latency },
    { at: at(clock.ms - 30_000), requests: 0, errors: 0, p50_ms: null, p95_ms: null },
    { at: at(clock.ms), requests: 1, errors: 0, p50_ms: latency, p95_ms: latency },
  ]);
  await counted(bank, 'operations', 1);
  expect((await show()).body.functions[0]).toMatchObject({ name: 'operations', requests: 1 });
});

test('forgets what is more than an hour ago', async () => {
  const { bank, clock, show } = await givenBank();
  await bank.request('GET', '/things/7');
  await counted(bank, 'things', 1);
  clock.ms += 45 * 60_000;
  expect((await show()).body.functions[1]).toMatchObject({ name: 'things', requests: 1 });
  clock.ms += 15 * 60_000;
  const token = await bank.tokenFor({ userId: 1, role: 'teller', expiresIn: 7_200 });
  const { body } = await bank.request<FunctionStats>('GET', '/operations/functions', { token });
  expect(body.functions[1]).toMatchObject({ name: 'things', requests: 0, p50_ms: null });
});

test('is for tellers only', async () => {
  const { bank } = await givenBank();
  const customer = await bank.tokenFor({ userId: 1 });
  expect((await bank.request('GET', '/operations/functions', { token: customer })).status).toBe(403);
  expect((await bank.request('GET', '/operations/functions')).status).toBe(401);
});

test('says that it does not know, rather than zeros, when it runs alone and without a Prometheus', async () => {
  const { show } = await givenBank({ functions: ['operations'] });
  expect((await show()).body).toEqual({ source: 'unknown', window_seconds: 3600, functions: [], series: [] });
});

test('a Prometheus that is away is a 503, not a zero', async () => {
  const { show } = await givenBank({ config: { prometheusUrl: 'http://127.0.0.1:1' } });
  expect(await show()).toMatchObject({ status: 503, body: { code: 'unavailable' } });
});

test('an address where something else answers is a 503 as well', async () => {
  const { bank } = await givenBank();
  const { show } = await givenBank({ config: { prometheusUrl: `${bank.origin}/api` } });
  expect(await show()).toMatchObject({ status: 503, body: { code: 'unavailable' } });
});
