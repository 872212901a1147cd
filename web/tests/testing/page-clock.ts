// Pages whose clock runs ahead. The bank's is real, so what the bank says of a session's times is moved as the pages' clock was.
import type { BrowserContext, Route } from '@playwright/test';
import type { CurrentSession, WebSession } from '../../../functions/sign-in/contract.ts';

export type PageClock = {
  /** Timers that are due meanwhile fire once. */
  forward: (minutes: number) => Promise<void>;
};

const minuteMs = 60_000;

/** For all pages of a browser; to be called before the first is opened. */
export async function aheadOfBank(context: BrowserContext): Promise<PageClock> {
  let aheadMs = 0;
  await context.clock.install();

  let told: WebSession | undefined;
  const moved = (moment: string, notAfter: string) =>
    new Date(Math.min(Date.parse(moment) + aheadMs, Date.parse(notAfter))).toISOString();
  /** Only a renewal by somebody who is there moves a session's end. */
  function move(session: WebSession, isRenewed: boolean): WebSession {
    const isKnown = told?.session_id === session.session_id && !isRenewed;
    const expires_at = isKnown && told ? told.expires_at : moved(session.expires_at, session.ends_at);
    return (told = { ...session, expires_at, renew_by: moved(session.renew_by, expires_at) });
  }
  async function answer(route: Route, change: (body: never) => unknown): Promise<void> {
    const response = await route.fetch();
    if (!response.ok()) return route.fulfill({ response });
    await route.fulfill({ response, json: change((await response.json()) as never) });
  }
  await context.route('**/api/web-sessions/current/renewal', (route) => {
    const { is_active = true } = route.request().postDataJSON() as { is_active?: boolean };
    return answer(route, (session: WebSession) => move(session, is_active));
  });
  await context.route('**/api/web-sessions/current', (route) => {
    if (route.request().method() !== 'GET') return route.continue();
    return answer(route, ({ session, ...more }: CurrentSession) => ({
      ...more,
      session: session && move(session, false),
    }));
  });

  return {
    async forward(minutes) {
      aheadMs += minutes * minuteMs;
      await context.clock.fastForward(minutes * minuteMs);
    },
  };
}
