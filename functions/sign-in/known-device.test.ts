import { expect, test } from 'vitest';
import { createKnownDevices, deviceLifetimeSeconds } from './known-device.ts';

const devices = createKnownDevices('secret');
const remember = (cookie: string | undefined, email: string, now: Date): string =>
  devices.remember(cookie, email, now).value;
const today = new Date('2026-11-23T08:00:00Z');
const later = (days: number): Date => new Date(today.getTime() + days * 86_400_000);

test('a browser is known for whom signed in there, and for nobody else', () => {
  const cookie = remember(undefined, 'alice@example.com', today);
  expect(devices.find(cookie, 'ALICE@example.com', today)).toMatch(/^[\w-]{16}$/);
  expect(devices.find(cookie, 'bob@example.com', today)).toBeUndefined();
  expect(devices.find(undefined, 'alice@example.com', today)).toBeUndefined();
  expect(cookie).not.toContain('alice');
});

test('nobody makes such a cookie without the secret', () => {
  const forged = createKnownDevices('another').remember(undefined, 'alice@example.com', today).value;
  expect(devices.find(forged, 'alice@example.com', today)).toBeUndefined();
  const cookie = remember(undefined, 'alice@example.com', today);
  for (const changed of [
    cookie.replace(/^./, '~'),
    cookie.slice(0, -1),
    `${cookie}x`,
    cookie.replace(/\.\d+\./, '.99999.'),
  ])
    expect(devices.find(changed, 'alice@example.com', today)).toBeUndefined();
});

test('it keeps its name from one sign-in to the next, and is forgotten after half a year without one', () => {
  const first = remember(undefined, 'alice@example.com', today);
  const second = remember(first, 'alice@example.com', later(100));
  expect(devices.find(second, 'alice@example.com', later(200))).toBe(devices.find(first, 'alice@example.com', today));
  const days = deviceLifetimeSeconds / 86_400;
  expect(devices.find(first, 'alice@example.com', later(days + 1))).toBeUndefined();
  expect(devices.find(first, 'alice@example.com', later(-1))).toBeUndefined();
});

test('a family shares a computer: five people are known, the least recent is forgotten', () => {
  let cookie: string | undefined;
  for (const name of ['a', 'b', 'c', 'd', 'a', 'e', 'f']) cookie = remember(cookie, `${name}@example.com`, today);
  const known = ['a', 'b', 'c', 'd', 'e', 'f'].filter((name) => devices.find(cookie, `${name}@example.com`, today));
  expect(known).toEqual(['a', 'c', 'd', 'e', 'f']);
  expect(cookie!.length).toBeLessThan(300);
});

test.each(['', '~~~~~~', 'x'.repeat(100_000), '~'.repeat(100_000), 'a.b.c', 'ä.1.ü'])(
  'does not mind %.10j',
  (cookie) => {
    expect(devices.find(cookie, 'alice@example.com', today)).toBeUndefined();
    expect(remember(cookie, 'alice@example.com', today)).toMatch(/^[\w-]{16}\.\d+\.[\w-]{24}$/);
  },
);
