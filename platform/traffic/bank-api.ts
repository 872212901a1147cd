// The bank's API as a careful client uses it: each command has a key of its own and is repeated with it until there is an answer.
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';

export type ApiRequest = { method: 'GET' | 'POST'; path: string; token?: string | undefined; body?: unknown };
/** `code` is the problem's, for 4xx and 5xx. `next` is the path of the list's next page. */
type ApiAnswer = { status: number; body: unknown; code: string | undefined; next: string | undefined };

export type BankApi = {
  /** Resolves with any answer; rejects with NoAnswer when there was none in time. Counts its repetitions in `onRetry`. */
  send: (request: ApiRequest) => Promise<ApiAnswer>;
};

export class NoAnswer extends Error {}

const answerMs = 15_000;
/** Long enough for a bank on this machine that is started again. */
const usualPatienceMs = 20_000;
const firstPauseMs = 100;
const pauseMaxMs = 2_000;

export function createBankApi(
  url: string,
  onRetry: () => void = () => undefined,
  patienceMs: number = usualPatienceMs,
): BankApi {
  return {
    async send(request) {
      const headers = headersOf(request);
      const body = request.body === undefined ? null : JSON.stringify(request.body);
      const deadline = performance.now() + patienceMs;
      for (let pauseMs = firstPauseMs; ; pauseMs = Math.min(pauseMs * 2, pauseMaxMs)) {
        const answer = await ask(`${url}/api${request.path}`, { method: request.method, headers, body });
        const isFinal = !(answer instanceof NoAnswer) && !isWorthRepeating(answer);
        if (isFinal) return answer;
        if (performance.now() + pauseMs > deadline) {
          if (answer instanceof NoAnswer) throw answer;
          return answer;
        }
        onRetry();
        await sleep(pauseMs * (0.5 + Math.random() / 2)); // Jitter: all clients of a bank that was away come back at once.
      }
    },
  };
}

/** All items of a list, page by page. Throws when the bank does not answer with a list. */
export async function listAll<T>(api: BankApi, token: string, path: string): Promise<T[]> {
  const items: T[] = [];
  for (let next: string | undefined = path; next !== undefined;) {
    const answer = await api.send({ method: 'GET', path: next, token });
    if (!Array.isArray(answer.body)) throw new Error(`${next} answered ${answer.status} ${answer.code ?? ''}`);
    items.push(...(answer.body as T[]));
    next = answer.next;
  }
  return items;
}

function headersOf({ method, token, body }: ApiRequest): Record<string, string> {
  return {
    ...(token !== undefined && { authorization: `Bearer ${token}` }),
    ...(body !== undefined && { 'content-type': 'application/json' }),
    // The same in every repetition, so that a command is done once although its answer may have been lost.
    ...(method === 'POST' && { 'idempotency-key': randomUUID() }),
  };
}

async function ask(url: string, init: RequestInit): Promise<ApiAnswer | NoAnswer> {
  try {
    const response = await fetch(url, { ...init, signal: AbortSignal.timeout(answerMs) });
    const text = await response.text();
    const isJson = /\bjson\b/.test(response.headers.get('content-type') ?? '');
    const body: unknown = isJson && text !== '' ? JSON.parse(text) : text;
    const code = response.ok ? undefined : ((body as { code?: string }).code ?? `http_${response.status}`);
    const next = /<(?:\/api)?([^>]+)>; rel="next"/.exec(response.headers.get('link') ?? '')?.[1];
    return { status: response.status, body, code, next };
  } catch (error) {
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : (error as Error);
    return new NoAnswer((cause as NodeJS.ErrnoException).code ?? cause.message);
  }
}

/** The bank is away for a moment, or another copy of this very request still runs. */
function isWorthRepeating({ status, code }: ApiAnswer): boolean {
  return status === 502 || status === 503 || status === 504 || code === 'request_in_progress';
}
