// Pages whose clock runs ahead. The bank's is real, so what the bank says of a session's times is moved as the pages' clock was.
import type { BrowserContext, Route } from '@playwright/test';
import type { WebSession } from '../../../functions/sign-in/contract.ts';

export type PageClock = {
  /** Timers that are due meanwhile fire once. */
  forward: (minutes: number) => Promise<void>;
};

const minuteMs = 60_000;

/** For all pages of a browser; to be called before the first is opened. */
export async function aheadOfBank(context: BrowserContext): Promise<PageClock> {
  let aheadMs = 0;
  await context.clock.install();

  function move({ user, expires_at, ends_at }: WebSession): WebSession {
    const expiresMs = Math.min(Date.parse(expires_at) + aheadMs, Date.parse(ends_at));
    return { user, expires_at: new Date(expiresMs).toISOString(), ends_at };
  }
  async function answer(route: Route, moved: (body: never) => unknown): Promise<void> {
    const response = await route.fetch();
    if (!response.ok()) return route.fulfill({ response });
    await route.fulfill({ response, json: moved((await response.json()) as never) });
  }
  await context.route('**/api/web-sessions/current/renewal', (route) => answer(route, move));
  await context.route('**/api/web-sessions/current', (route) => {
    if (route.request().method() !== 'GET') return route.continue();
    return answer(route, ({ session }: { session: WebSession | null }) => ({ session: session && move(session) }));
  });

  return {
    async forward(minutes) {
      aheadMs += minutes * minuteMs;
      await context.clock.fastForward(minutes * minuteMs);
    },
  };
}
