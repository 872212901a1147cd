// Which page is at which path. Pages are loaded when they are first visited.
import type { Pages } from './app/navigation.ts';
import { session } from './app/session.svelte.ts';

export const pages: Pages = {
  // What one wants to see first: a customer their money, a teller their customers.
  '/': () => (session.isTeller ? import('./customers/FindPage.svelte') : import('./overview/Page.svelte')),
  '/sign-in': () => import('./front-door/SignInPage.svelte'),
  '/register': () => import('./front-door/RegisterPage.svelte'),
  '/reset-password': () => import('./front-door/ResetPasswordPage.svelte'),
  '/accounts/new': () => import('./accounts/OpenPage.svelte'),
  '/accounts/:id': () => import('./accounts/Page.svelte'),
  '/accounts/:id/statement': () => import('./statement/Page.svelte'),
  '/accounts/:id/time-travel': () => import('./accounts/TimeTravelPage.svelte'),
  '/deposit': () => import('./move-money/DepositPage.svelte'),
  '/withdraw': () => import('./move-money/WithdrawPage.svelte'),
  '/transfer': () => import('./move-money/TransferPage.svelte'),
  '/transactions/:id': () => import('./transactions/Page.svelte'),
  '/notifications': () => import('./notifications/Page.svelte'),
  '/profile': () => import('./profile/Page.svelte'),
  '/customers': {
    '/': () => import('./customers/FindPage.svelte'),
    '/new': () => import('./customers/NewPage.svelte'),
    '/:id': () => import('./customers/Page.svelte'),
    layout: () => import('./frame/TellersOnly.svelte'),
  },
  '/operations': {
    '/': () => import('./operations/Page.svelte'),
    '/audit': () => import('./operations/AuditPage.svelte'),
    layout: () => import('./frame/TellersOnly.svelte'),
  },
  '*': () => import('./frame/NotFound.svelte'),
};

/** Looks like one of our paths, but has something else where a number has to be. */
export function isMistyped(pathname: string): boolean {
  const [, kind = '', id] = pathname.split('/');
  if (id === undefined || !['accounts', 'transactions', 'customers'].includes(kind)) return false;
  const isNew = id === 'new' && kind !== 'transactions';
  return !isNew && !/^[1-9]\d{0,15}$/.test(id);
}

/** Where those who are not signed in may be. */
export const publicPaths: readonly string[] = ['/sign-in', '/register', '/reset-password'];

/** Where `?to=` leads after signing in: to a page of ours (`//elsewhere` would be another server), and not back to the front door. */
export function wantedPage(search: string): { path: string; search: string } {
  const to = URL.parse(new URLSearchParams(search).get('to') ?? '/', location.origin);
  const isOurs = to?.origin === location.origin && !to.pathname.startsWith('//') && !publicPaths.includes(to.pathname);
  return isOurs ? { path: to.pathname, search: to.search } : { path: '/', search: '' };
}
