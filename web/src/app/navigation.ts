// Where the reader is, and the way to elsewhere. Pages use it, so it knows none: routes.ts says which is at which path.
import type { Snippet } from 'svelte';
import { createRouter, type LazyRouteComponent } from 'sv-router';

type Page = LazyRouteComponent;
type Layout = LazyRouteComponent<{ children: Snippet }>;

/** Every path of ours has a page. */
export type Pages = {
  '/': Page;
  '/sign-in': Page;
  '/register': Page;
  '/reset-password': Page;
  '/accounts/new': Page;
  '/accounts/:id': Page;
  '/accounts/:id/statement': Page;
  '/accounts/:id/time-travel': Page;
  '/deposit': Page;
  '/withdraw': Page;
  '/transfer': Page;
  '/transactions/:id': Page;
  '/notifications': Page;
  '/profile': Page;
  '/customers': { '/': Page; '/new': Page; '/:id': Page; layout: Layout };
  '/operations': { '/': Page; '/audit': Page; layout: Layout };
  '*': Page;
};

/** The router keeps this very object, and looks into it only once it has to show something. */
const pages = {} as Pages;

// eslint-disable-next-line @typescript-eslint/unbound-method -- The router's own closure, which reads no `this`.
export const { navigate, route } = createRouter(pages);

/** Before the first page is shown. */
export function servePages(given: Pages): void {
  Object.assign(pages, given);
}

/** The id in the path; NaN, which no account has, for what is none. */
export function idInPath(): number {
  const text = route.params.id ?? '';
  return /^[1-9]\d{0,15}$/.test(text) ? Number(text) : Number.NaN;
}
