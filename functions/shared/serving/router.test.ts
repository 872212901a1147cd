// Which route a method and a path find.
import { expect, test } from 'vitest';
import type { Contract } from '../contract/function.ts';
import { createRouter } from './router.ts';

const route = { summary: '', access: 'anyone', status: 200 } as const;
const accounts: Contract = {
  name: 'accounts',
  summary: '',
  databases: [],
  routes: {
    'GET /accounts': route,
    'GET /accounts/{id}': route,
    'POST /accounts': route,
    'GET /accounts/{account_id}/statement': route,
  },
  instead: { 'PUT /accounts/{id}': 'post a transaction' },
};
const notifications: Contract = {
  name: 'notifications',
  summary: '',
  databases: [],
  routes: {
    'GET /notifications/stream': route,
    'GET /notifications/{id}': route,
    'DELETE /notifications/{id}': route,
    'POST /notifications/{id}/read': route,
  },
  instead: { 'DELETE /transactions/{id}': 'reverse it' },
};
const router = createRouter([accounts, notifications]);

const found = [
  ['GET', '/accounts', 'GET /accounts', {}],
  ['HEAD', '/accounts', 'GET /accounts', {}],
  ['POST', '/accounts', 'POST /accounts', {}],
  ['GET', '/accounts/7', 'GET /accounts/{id}', { id: '7' }],
  ['GET', '/accounts/7/statement', 'GET /accounts/{account_id}/statement', { account_id: '7' }],
  ['GET', '/accounts/a%20b', 'GET /accounts/{id}', { id: 'a b' }],
  ['GET', '/accounts/100%', 'GET /accounts/{id}', { id: '100%' }],
  ['GET', '/accounts/..%2F1', 'GET /accounts/{id}', { id: '../1' }],
  ['GET', '/notifications/stream', 'GET /notifications/stream', {}],
  ['POST', '/notifications/stream/read', 'POST /notifications/{id}/read', { id: 'stream' }],
  // As the original took them.
  ['GET', '/accounts/', 'GET /accounts', {}],
  ['GET', '/accounts/7/', 'GET /accounts/{id}', { id: '7' }],
] as const;

test.each(found)('%s %s finds %s', (method, path, routeKey, params) => {
  expect(router.match(method, path)).toMatchObject({ kind: 'route', routeKey, params });
});

test.each([
  '/',
  '',
  '/accounts//',
  '/accounts/7//',
  '/accounts//statement',
  '/account',
  '/accounts/7/8',
  '//accounts',
  '/ACCOUNTS',
  '*',
])('finds nothing at "%s"', (path) => {
  expect(router.match('GET', path)).toEqual({ kind: 'unknown' });
});

test('names the methods that a path has, and what to do instead', () => {
  expect(router.match('PUT', '/accounts/7')).toEqual({
    kind: 'wrong-method',
    allow: ['GET', 'HEAD', 'OPTIONS'],
    instead: 'post a transaction',
  });
  expect(router.match('DELETE', '/transactions/7')).toMatchObject({ kind: 'wrong-method', instead: 'reverse it' });
  expect(router.match('DELETE', '/notifications/stream')).toMatchObject({ kind: 'wrong-method', instead: undefined });
  expect(router.match('OPTIONS', '/accounts')).toEqual({ kind: 'options', allow: ['GET', 'POST', 'HEAD', 'OPTIONS'] });
});

test('refuses two functions that claim one route', () => {
  expect(() => createRouter([accounts, { ...accounts, name: 'copy' }])).toThrow(
    'copy and accounts both claim GET /accounts',
  );
});
