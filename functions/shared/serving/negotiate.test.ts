// Which media type an Accept header gets (RFC 9110, section 12.5.1).
import { expect, test } from 'vitest';
import { negotiate } from './bind-routes.ts';

const json = ['application/json'];
const both = ['application/json', 'text/csv'];

test.each<[accept: string | undefined, produces: string[], given: string]>([
  [undefined, both, 'application/json'],
  ['*/*', both, 'application/json'],
  ['text/csv', both, 'text/csv'],
  ['text/*;q=0.5, application/json;q=0.4', both, 'text/csv'],
  // The more specific range counts, whichever comes first and whichever is larger.
  ['application/json;q=0, */*', both, 'text/csv'],
  ['*/*, application/json;q=0', both, 'text/csv'],
  ['application/*;q=0.1, application/json;q=0.9, text/csv;q=0.5', both, 'application/json'],
  ['application/json;q=0.2, */*;q=0.8', both, 'text/csv'],
  ['TEXT/CSV; header=present; Q=1', both, 'text/csv'],
  // One type: named or not, it is given.
  ['text/html', json, 'application/json'],
  ['text/html, */*;q=0.1', json, 'application/json'],
  ['', json, 'application/json'],
])('%j of %j gets %j', (accept, produces, given) => {
  expect(negotiate({ produces }, accept)).toBe(given);
});

test.each<[accept: string, produces: string[]]>([
  ['application/json;q=0, */*', json],
  ['application/*;q=0', json],
  ['*/*;q=0.000', json],
  ['text/html', both],
  ['application/json;q=0, text/csv;q=0, */*', both],
])('%j of %j gets 406', (accept, produces) => {
  expect(() => negotiate({ produces }, accept)).toThrow(`this can be had as ${produces.join(' or ')}`);
});
