// Whether a token's session has ended before the token did: a list that sign-in publishes, of which each process keeps a copy.
//
// Why so. Whoever is removed, signs out or changes their password has to lose their power everywhere within five seconds, and no
// request may cost a query for it. There were three ways:
//
// - Tokens that live for five seconds need no list, but a renewal from everybody every few seconds, and sign-in would be every
//   request's bottleneck. A quarter of an hour, as ours live, is how long the list has to remember, not how long power lasts.
// - A check in the database, at every route or at privileged ones: functions would need the users database, which no other context
//   may enter, and a customer's money can be moved at routes that nobody would call privileged. What gives or takes rights does
//   check there, in its own commit (functions/shared/database/standing.ts): there five seconds are too long.
// - Events that tell of ends would need a consumer in each copy of each function, of which there may be none or many, and brokers lose
//   events. A copy that has just started would know nothing of before.
//
// The list is small (sessions that ended within a token's life, forty bytes each), anybody may read it (ids of sessions open nothing),
// and the edge keeps it for a second, so sign-in answers once a second, however many copies ask. Nobody asks while nothing is
// asked of them. What is not known is refused: without the list nobody with a token gets an answer but 503, while anonymous
// routes go on.
import { whileRefused } from '../../../eventing/outbox/while-refused.ts';
import { Unavailable } from '../contract/errors.ts';

export type EndedSessions = {
  /** A promise only when the copy is too old to answer. Rejects with Unavailable when there is no newer one to be had. */
  has: (sessionId: string) => boolean | Promise<boolean>;
  /** Asks for the list, so that it is there when the first request needs it. Never rejects. */
  warm: () => Promise<void>;
};

/** From this age on a copy is asked for anew, while it still answers. */
const refreshedAfterMs = 2_000;
/** Up to this age a copy answers. With the second that the edge keeps the list, that makes five. */
const usableMs = 4_000;
/** Sign-in may have to start from zero. */
const timeoutMs = 10_000;

export function createEndedSessions(url: string, nowMs: () => number = () => performance.now()): EndedSessions {
  // `atMs` is when it was asked for: by then, or later, the list was read.
  let copy: { ids: ReadonlySet<string>; atMs: number } = { ids: new Set(), atMs: -Infinity };
  let asking: Promise<void> | undefined;

  function ask(): Promise<void> {
    return (asking ??= fetchList().finally(() => (asking = undefined)));
  }

  async function fetchList(): Promise<void> {
    const atMs = nowMs();
    const send = () => fetch(url, { signal: AbortSignal.timeout(timeoutMs), cache: 'no-store' });
    copy = { ids: await readIds(await whileRefused(send)), atMs };
  }

  async function askAndLook(sessionId: string): Promise<boolean> {
    // Twice: the first answer is no good when sign-in took longer to start than a copy may be old.
    for (let tries = 0; tries < 2; tries++) {
      await ask().catch((error: unknown) => {
        throw new Unavailable('the list of ended sessions', error);
      });
      if (nowMs() - copy.atMs < usableMs) return copy.ids.has(sessionId);
    }
    throw new Unavailable('the list of ended sessions', new Error('it is too old when it comes'));
  }

  return {
    has(sessionId) {
      if (copy.ids.has(sessionId)) return true;
      const ageMs = nowMs() - copy.atMs;
      if (ageMs >= usableMs) return askAndLook(sessionId);
      if (ageMs >= refreshedAfterMs) void ask().catch(() => undefined);
      return false;
    },
    warm: () => ask().catch(() => undefined),
  };
}

async function readIds(response: Response): Promise<ReadonlySet<string>> {
  const { sessions } = (response.ok ? await response.json() : {}) as { sessions?: unknown };
  if (Array.isArray(sessions)) return new Set(sessions as string[]);
  await response.body?.cancel().catch(() => undefined);
  throw new Error(`it answered ${response.status}`);
}
