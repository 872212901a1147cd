import { expect, test } from 'vitest';
import { limitOpenings } from './openings.ts';

test('somebody opens thirty streams at once, then one in three seconds, and nobody else has less for it', () => {
  let now = 0;
  const open = limitOpenings(() => now);
  for (let i = 0; i < 30; i++) open(1);
  expect(() => open(1)).toThrow(
    expect.objectContaining({ code: 'too_many_streams', headers: expect.objectContaining({ 'retry-after': '3' }) }),
  );
  open(2);
  now += 3_000;
  open(1);
  expect(() => open(1)).toThrow('too often');
  now += 90_000;
  for (let i = 0; i < 30; i++) open(1);
});
