// What is counted of real requests, and how Prometheus is shown it.
import { request as openRequest } from 'node:http';
import { expect, test } from 'vitest';
import { createEnvironment } from '../process/create-environment.ts';
import { listen } from '../serving/listen.ts';
import { createFunctionServer } from '../serving/listener.ts';
import { startBank, type TestBank } from '../testing/harness.ts';
import { thingsFunction } from '../testing/things-function.ts';

const eventHeaders = { 'ce-specversion': '1.0', 'ce-id': '1', 'ce-source': '/microbank/open-account' };

async function givenBank() {
  const bank = await startBank({ functions: [thingsFunction] });
  const requests = () => bank.environment.requests.of('things').sinceStart();
  /** A request is counted when its answer is out, which its sender may know a moment earlier. */
  const counted = (expected: object) => expect.poll(() => requests().requests).toEqual(expected);
  return { bank, requests, counted };
}

const metricsOf = async (bank: TestBank) => (await fetch(`${bank.origin}/things/metrics`)).text();

test('counts HTTP and CloudEvents by how they ended, and neither probes nor scrapes', async () => {
  const { bank, requests, counted } = await givenBank();
  await bank.request('GET', '/things/7');
  await bank.request('POST', '/things', { body: { size: 13 } });
  await bank.request('POST', '/things', { body: { size: 500 } });
  await bank.deliver('PUT', '/things/things/7', { body: {} });
  await bank.deliver('GET', '/things/nothing');
  const headers = { ...eventHeaders, 'ce-type': 'com.microbank.account.opened', 'content-type': 'application/json' };
  await bank.deliver('POST', '/things/', { headers, body: {} });
  await bank.deliver('POST', '/things/', { headers, body: '"poison"' });
  for (const path of ['livez', 'readyz', 'healthz', 'metrics']) await bank.deliver('GET', `/things/${path}`);
  await counted({ answered: 2, refused: 3, failed: 2, abandoned: 0 });
  expect(requests().buckets.reduce((sum, count) => sum + count, 0)).toBe(7);
});

test('counts an event stream once, when it begins, and its length is no latency', async () => {
  const { bank, requests, counted } = await givenBank();
  const stream = await fetch(`${bank.origin}/api/things/stream`);
  await counted({ answered: 1, refused: 0, failed: 0, abandoned: 0 });
  await stream.body?.cancel();
  await bank.request('GET', '/things/7');
  await counted({ answered: 2, refused: 0, failed: 0, abandoned: 0 });
  expect(requests().buckets.reduce((sum, count) => sum + count, 0)).toBe(1);
});

test('a caller who leaves before the answer is neither refused nor failed', async () => {
  const { bank, requests, counted } = await givenBank();
  const headers = { 'content-type': 'application/json', 'content-length': 99 };
  const leaving = openRequest(`${bank.origin}/api/things`, { method: 'POST', headers });
  leaving.on('error', () => undefined);
  leaving.write('{', () => leaving.destroy());
  await counted({ answered: 0, refused: 0, failed: 0, abandoned: 1 });
  expect(requests().buckets.every((count) => count === 0)).toBe(true);
});

test('metrics show a counter by outcome and a histogram, of functions nobody asked as well', async () => {
  const { bank, counted } = await givenBank();
  const quiet = await metricsOf(bank);
  expect(quiet).toMatch(/^# TYPE microbank_function_requests_total counter$/m);
  expect(quiet).toMatch(/^microbank_function_requests_total\{function="things",outcome="answered"\} 0$/m);

  await bank.request('GET', '/things/7');
  await counted({ answered: 1, refused: 0, failed: 0, abandoned: 0 });
  const text = await metricsOf(bank);
  expect(text).toMatch(/^microbank_function_requests_total\{function="things",outcome="answered"\} 1$/m);
  expect(text).toMatch(/^microbank_function_requests_total\{function="things",outcome="failed"\} 0$/m);
  expect(text).toMatch(/^# TYPE microbank_function_request_duration_seconds histogram$/m);
  expect(text).toMatch(/^microbank_function_request_duration_seconds_bucket\{function="things",le="10"\} 1$/m);
  expect(text).toMatch(/^microbank_function_request_duration_seconds_bucket\{function="things",le="\+Inf"\} 1$/m);
  expect(text).toMatch(/^microbank_function_request_duration_seconds_sum\{function="things"\} 0\.\d+$/m);
  expect(text).toMatch(/^microbank_function_request_duration_seconds_count\{function="things"\} 1$/m);
  // Of a process that serves many functions nobody can say which of them it was started for.
  expect(text).not.toContain('cold_starts');
});

test('a process that was started for one function tells its cold start, once', async () => {
  const { config } = (await givenBank()).bank.environment;
  const environment = createEnvironment({ ...config, functionTarget: 'things' });
  const server = await listen(createFunctionServer(thingsFunction, environment), { port: 0, host: '127.0.0.1' });
  const coldStarts = async () =>
    /^microbank_function_cold_starts_total\{function="things"\} (\d+)$/m.exec(
      await (await fetch(`${server.url}/metrics`)).text(),
    )?.[1];
  try {
    expect(await coldStarts()).toBe('0');
    for (let i = 0; i < 3; i++) await (await fetch(`${server.url}/things/7`)).text();
    await expect.poll(coldStarts).toBe('1');
  } finally {
    await server.stop();
    await environment.close();
  }
});
