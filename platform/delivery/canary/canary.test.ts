// What becomes of new revisions: by a real Prometheus that scrapes what an activator and PostgreSQL would show, and by rows of numbers.
import { expect, onTestFinished, test } from 'vitest';
import { startPrometheus } from '../../../functions/operations/testing/prometheus-server.ts';
import { listen } from '../../../functions/shared/serving/listen.ts';
import { askBy, readCounters, since } from './prometheus.ts';
import { runCanary, type CanaryParts } from './run-canary.ts';
import { judge, usualLimits, type Counts, type Seen } from './verdict.ts';

const [stable, canary] = ['deposit-00001', 'deposit-00002'];

/** Of each hundred requests. */
type Behaviour = { errors?: number; slow?: number };
const good: Behaviour = {};

/** A page of metrics that requests are added to, as the activator counts them. */
async function givenBank(behaviour: Behaviour, broken: Record<string, number> = { 'transactions sum to zero': 0 }) {
  const counts: Record<string, Counts> = { [stable]: { requests: 9_000, errors: 3, slow: 40 } };
  let shares: Record<string, number> = { [stable]: 100 };
  let books = broken;
  const page = () => {
    const lines = Object.entries(counts).flatMap(([revision, { requests, errors, slow }]) => {
      const of = (code: number) =>
        `{k8s_namespace_name="microbank",kn_revision_name="${revision}",http_response_status_code="${code}"`;
      const name = 'http_server_request_duration_seconds';
      return [
        `${name}_count${of(201)}} ${requests - errors}`,
        `${name}_count${of(500)}} ${errors}`,
        `${name}_bucket${of(201)},le="0.5"} ${requests - slow}`,
        `${name}_bucket${of(201)},le="+Inf"} ${requests}`,
      ];
    });
    const promises = Object.entries(books).map(
      ([promise, count]) => `cnpg_microbank_books_broken{promise="${promise}"} ${count}`,
    );
    return `${[...lines, ...promises].join('\n')}\n`;
  };
  const server = await listen((_request, response) => response.setHeader('content-type', 'text/plain').end(page()), {
    port: 0,
    host: '127.0.0.1',
  });
  onTestFinished(server.stop);
  const url = await startPrometheus({ targets: [server.url] });
  const ask = askBy(async (path) => (await fetch(new URL(path, url))).text());
  const scraped = async () => {
    await expect
      .poll(async () => (await readCounters(ask, [stable, canary], 0.5))[canary]?.requests, { timeout: 20_000 })
      .toBe(counts[canary]?.requests ?? 0);
  };
  await expect
    .poll(async () => (await readCounters(ask, [stable], 0.5))[stable]?.requests, { timeout: 20_000 })
    .toBe(9_000);

  const divided: Record<string, number>[] = [];
  const request = (hundreds: number) => {
    for (const [revision, percent] of Object.entries(shares)) {
      const share = (hundreds * percent) / 100;
      const { errors = 0, slow = 0 } = revision === canary ? behaviour : { errors: 0.01, slow: 0.5 };
      const was = counts[revision] ?? { requests: 0, errors: 0, slow: 0 };
      counts[revision] = {
        requests: was.requests + share * 100,
        errors: was.errors + Math.round(errors * share),
        slow: was.slow + Math.round(slow * share),
      };
    }
  };
  const said: string[] = [];
  const parts = (more: Partial<CanaryParts> = {}): CanaryParts => ({
    candidates: [{ service: 'deposit', stable, canary }],
    share: 10,
    limits: usualLimits,
    askEveryMs: 10_000,
    lastsMaxMs: 60_000,
    ask,
    divide: (_service, percent) => {
      shares = percent;
      divided.push(percent);
      return Promise.resolve();
    },
    sleep: async () => {
      request(30);
      await scraped();
    },
    now: (() => {
      let ms = 0;
      return () => (ms += 5_000);
    })(),
    say: (line) => said.push(line),
    ...more,
  });
  return { parts, divided, said, breakBooks: (to: Record<string, number>) => (books = to) };
}

const tenth = { [stable]: 90, [canary]: 10 };

test.each<
  [what: string, behaviour: Behaviour, broken: Record<string, number> | undefined, promoted: boolean, why: RegExp]
>([
  ['a good revision', good, undefined, true, /^600 requests, 0 errors, 0 slow, and the books are right$/],
  ['a revision with 2 % errors', { errors: 2 }, undefined, false, /^6 of 300 requests were answered with an error$/],
  ['a slow revision', { slow: 30 }, undefined, false, /^90 of 300 requests took longer than 0\.5 s$/],
  [
    'a revision that breaks the books',
    good,
    { 'balances are what entries come to': 1 },
    false,
    /^the books are broken: balances are what entries come to \(1 do not\)$/,
  ],
  [
    'a revision of which nobody says whether the books are right',
    good,
    {},
    false,
    /^nobody could say whether the books are right$/,
  ],
])('%s', async (_what, behaviour, broken, promoted, why) => {
  const bank = await givenBank(behaviour, broken);
  const outcome = await runCanary(bank.parts());
  expect(outcome).toMatchObject({ promoted, why: expect.stringMatching(why) as string });
  expect(bank.divided).toEqual([tenth, { [promoted ? canary : stable]: 100 }]);
  expect(bank.said[0]).toBe(`deposit: 10 % to ${canary}`);
});

test('a canary that nobody asks, that is stopped, or that nobody can judge goes back', async () => {
  const bank = await givenBank(good);
  const idle = await runCanary(bank.parts({ sleep: () => Promise.resolve() }));
  expect(idle.why).toBe('0 requests are too few to judge by: 500 are enough');
  const stopped = await runCanary(bank.parts({ stopping: AbortSignal.abort() }));
  expect(stopped.why).toBe('it was stopped by hand');
  let asked = 0;
  const { ask } = bank.parts();
  const gone = await runCanary(
    bank.parts({ ask: (query) => (++asked > 4 ? Promise.reject(new Error('refused')) : ask(query)) }),
  );
  expect(gone.why).toBe('it could not be judged: refused');
  expect([idle, stopped, gone].map(({ promoted }) => promoted)).toEqual([false, false, false]);
  expect(bank.divided.filter((_, index) => index % 2 === 1)).toEqual([
    { [stable]: 100 },
    { [stable]: 100 },
    { [stable]: 100 },
  ]);
});

test('a query that Prometheus refuses is said', async () => {
  const url = await startPrometheus({});
  const ask = askBy(async (path) => (await fetch(new URL(path, url))).text());
  await expect(ask('sum by (')).rejects.toThrow(/^Prometheus refuses sum by \(: .*parse error/);
  expect(await ask('nothing')).toEqual([]);
});

const counts = (requests: number, errors = 0, slow = 0): Counts => ({ requests, errors, slow });
const right = { 'transactions sum to zero': 0 };

test.each<[what: string, seen: Seen, isOver: boolean, verdict: string]>([
  ['too few requests yet', { canary: counts(499), stable: counts(9_000), broken: right }, false, 'wait'],
  ['enough of them', { canary: counts(500), stable: counts(9_000), broken: right }, false, 'promote'],
  ['two errors of five hundred', { canary: counts(500, 2), stable: counts(9_000), broken: right }, false, 'promote'],
  ['three of them', { canary: counts(500, 3), stable: counts(9_000), broken: right }, false, 'back'],
  [
    'one error of ten, which may be chance',
    { canary: counts(10, 1), stable: counts(90), broken: right },
    false,
    'wait',
  ],
  [
    'three errors of ten, which are too many whatever comes',
    { canary: counts(10, 3), stable: counts(90), broken: right },
    false,
    'back',
  ],
  ['a cold start', { canary: counts(99, 0, 20), stable: counts(900), broken: right }, false, 'wait'],
  [
    'slow, as everything is',
    { canary: counts(500, 0, 200), stable: counts(4_500, 0, 1_700), broken: right },
    false,
    'promote',
  ],
  ['slow alone', { canary: counts(500, 0, 26), stable: counts(4_500), broken: right }, false, 'back'],
  ['books that nobody can see', { canary: counts(500), stable: counts(4_500), broken: undefined }, false, 'wait'],
  ['the same, when time is over', { canary: counts(500), stable: counts(4_500), broken: undefined }, true, 'back'],
  [
    'broken books, whoever broke them',
    { canary: counts(0), stable: counts(10), broken: { ...right, more: 1 } },
    false,
    'back',
  ],
])('%s', (_what, seen, isOver, verdict) => {
  expect(judge(seen, usualLimits, isOver).kind).toBe(verdict);
});

test('a counter that began anew counts from there', () => {
  expect(since(counts(100, 3, 5), counts(160, 4, 6))).toEqual(counts(60, 1, 1));
  expect(since(counts(100, 3, 5), counts(20, 1, 2))).toEqual(counts(20, 1, 2));
  expect(since(undefined, counts(7))).toEqual(counts(7));
});
