// How many requests one address may make.
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { ask, type Answer } from './testing/ask.ts';
import { startEdge, type Edge } from './testing/start-edge.ts';

let edge: Edge;
beforeAll(async () => {
  edge = await startEdge({
    requests: { perSecond: 10, burst: 9 },
    signIns: { perSecond: 1, burst: 1 },
    openRequestsMax: 3,
  });
});
afterEach(async () => {
  edge.upstream.reset();
  await new Promise((resolve) => setTimeout(resolve, 2_000)); // Until nothing is counted any more.
});
afterAll(async () => edge.stop());

async function askOften(times: number, method: string, path: string): Promise<Answer[]> {
  const answers: Answer[] = [];
  for (let i = 0; i < times; i++) answers.push(await ask(edge.url, path, { method }));
  return answers;
}

function statusesOf(answers: readonly Answer[]): number[] {
  return answers.map(({ status }) => status);
}

test('refuses what is more than a person needs, as a problem that says when to come back', async () => {
  const answers = await askOften(40, 'GET', '/api/users');
  expect(statusesOf(answers).slice(0, 10)).toEqual(Array(10).fill(200));
  const refused = answers.find(({ status }) => status === 429);
  expect(refused?.headers).toMatchObject({
    'content-type': 'application/problem+json',
    'cache-control': 'no-store',
    'retry-after': '1',
    ratelimit: '"requests";r=0;t=1',
    'ratelimit-policy': '"requests";q=10;w=1',
  });
  expect(JSON.parse(refused?.body ?? '')).toMatchObject({
    type: 'urn:microbank:problem:too_many_requests',
    status: 429,
    code: 'too_many_requests',
  });
  expect(edge.upstream.seen).toHaveLength(answers.filter(({ status }) => status === 200).length);
});

test.each(['/api/sessions', '/api/web-sessions', '/api/users'])(
  'POST %s is refused earlier than others',
  async (path) => {
    const answers = await askOften(4, 'POST', path);
    const [first, second, ...others] = statusesOf(answers);
    expect([first, second]).toEqual([200, 200]);
    expect(others).toContain(429);
    expect(answers.find(({ status }) => status === 429)?.headers).toMatchObject({
      ratelimit: '"sign-ins";r=0;t=1',
      'ratelimit-policy': '"sign-ins";q=1;w=1',
    });
    expect(statusesOf(await askOften(4, 'POST', '/api/deposits'))).toEqual([200, 200, 200, 200]);
  },
);

test('holds only so many requests of one address open', async () => {
  edge.upstream.answer = (_request, response) => void setTimeout(() => response.end('{}'), 300);
  const answers = await Promise.all(Array.from({ length: 6 }, () => ask(edge.url, '/api/notifications/stream')));
  expect(statusesOf(answers).sort()).toEqual([200, 200, 200, 429, 429, 429]);
});

test('pages and descriptions are not counted', async () => {
  expect(new Set(statusesOf(await askOften(40, 'GET', '/healthz')))).toEqual(new Set([200]));
});
