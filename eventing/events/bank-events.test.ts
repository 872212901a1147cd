// Every event's contract: unique, addressed, and true to its own example.
import { expect, test } from 'vitest';
import { bankEvents } from './bank-events.ts';

test.each(bankEvents.map((event) => [event.type, event] as const))(
  '%s has an example that its schema takes',
  (_type, event) => {
    expect(event.data.parse(event.example)).toEqual(event.example);
    expect(event.data.safeParse({ ...event.example, surprise: 1 }).success).toBe(false);
  },
);

test('types are past-tense names under one prefix, and no two events share one', () => {
  const types = bankEvents.map((event) => event.type);
  expect(new Set(types).size).toBe(types.length);
  for (const type of types) expect(type).toMatch(/^com\.microbank\.[a-z]+\.[a-z]+ed$/);
});

test('a schema is published under its type and version', () => {
  expect(bankEvents.map((event) => event.dataschema)).toContain(
    'https://microbank.dev/schemas/com.microbank.transaction.completed.v1.json',
  );
});
