// What Prometheus knows of revisions and of the books, as numbers. Requests are the activator's counts: it stands before every copy, and
// outlives them, so that nothing is lost of a copy that lived for twenty seconds.
import type { Counts } from './verdict.ts';

type Sample = { labels: Readonly<Record<string, string>>; value: number };
/** Asks one PromQL query. */
export type Ask = (query: string) => Promise<Sample[]>;
/** Counters as they stand, by revision. */
export type Counters = Readonly<Record<string, Counts>>;

const duration = 'http_server_request_duration_seconds';
const booksBroken = 'cnpg_microbank_books_broken';

export async function readCounters(ask: Ask, revisions: readonly string[], slowSeconds: number): Promise<Counters> {
  const of = `k8s_namespace_name="microbank", kn_revision_name=~"${revisions.join('|')}"`;
  const by = (name: string, more = '') => ask(`sum by (kn_revision_name) (${name}{${of}${more}})`);
  const [requests, errors, fast] = await Promise.all([
    by(`${duration}_count`),
    by(`${duration}_count`, ', http_response_status_code=~"5.."'),
    by(`${duration}_bucket`, `, le="${slowSeconds}"`),
  ]);
  const valueOf = (samples: readonly Sample[], revision: string) =>
    samples.find(({ labels }) => labels.kn_revision_name === revision)?.value ?? 0;
  const counters = revisions.map((revision): [string, Counts] => {
    const all = valueOf(requests, revision);
    return [revision, { requests: all, errors: valueOf(errors, revision), slow: all - valueOf(fast, revision) }];
  });
  return Object.fromEntries(counters);
}

/** How often each promise about money is broken; undefined when nobody says. */
export async function readBooks(ask: Ask): Promise<Record<string, number> | undefined> {
  const samples = await ask(`max by (promise) (${booksBroken})`);
  if (samples.length === 0) return undefined;
  return Object.fromEntries(samples.map(({ labels, value }) => [labels.promise ?? '', value]));
}

/** What came since `before`. A counter that is lower than it was began anew with its process: what it says now came since then. */
export function since(before: Counts | undefined, now: Counts): Counts {
  if (before === undefined || now.requests < before.requests || now.errors < before.errors) return now;
  return {
    requests: now.requests - before.requests,
    errors: now.errors - before.errors,
    slow: Math.max(0, now.slow - before.slow),
  };
}

type Response = {
  status: string;
  error?: string;
  data?: { result: { metric: Record<string, string>; value: [number, string] }[] };
};

/** `fetchText` gets the answer to a path of Prometheus, over HTTP or through the cluster's API server. */
export function askBy(fetchText: (path: string) => Promise<string>): Ask {
  return async (query) => {
    const text = await fetchText(`/api/v1/query?${new URLSearchParams({ query }).toString()}`);
    const { status, error, data } = JSON.parse(text) as Response;
    if (status !== 'success' || data === undefined) throw new Error(`Prometheus refuses ${query}: ${error ?? text}`);
    return data.result.map(({ metric, value }) => ({ labels: metric, value: Number(value[1]) }));
  };
}
