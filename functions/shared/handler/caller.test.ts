import { expect, test } from 'vitest';
import { isTeller, mayActFor, principalOf, userIdOf } from './caller.ts';

test('customers act for themselves, tellers for everybody', () => {
  const customer = { role: 'customer', userId: 7 } as const;
  const someone = { role: 'teller', userId: 1 } as const;
  const nobody = { role: 'anonymous' } as const;
  expect([mayActFor(customer, 7), mayActFor(customer, 7n), mayActFor(customer, 8)]).toEqual([true, true, false]);
  expect([mayActFor(someone, 8), mayActFor(nobody, 8)]).toEqual([true, false]);
  expect([isTeller(someone), isTeller(customer), isTeller(nobody)]).toEqual([true, false, false]);
  expect([userIdOf(customer), userIdOf(nobody)]).toEqual([7, undefined]);
  expect([principalOf(customer), principalOf(nobody)]).toEqual(['user:7', 'anonymous']);
});
