// Challenges that nobody keeps: which are ours, for whom, and for how long.
import { expect, test } from 'vitest';
import { challengeMs, makeChallenge, openChallenge, type Purpose } from './passkey-challenge.ts';

const now = new Date('2026-11-23T08:00:00Z');
const later = (ms: number) => new Date(now.getTime() + ms);
const alice: Purpose = { userId: 7, passwordHash: '$argon2id$of-her-password' };

test('is for who it was made for, with the password they showed, and for nobody else', () => {
  const opened = openChallenge('secret', makeChallenge('secret', alice, now), now);
  expect(opened?.userId).toBe(7n);
  expect(opened?.isFor(alice)).toBe(true);
  expect(opened?.isFor(undefined)).toBe(false);
  expect(opened?.isFor({ ...alice, userId: 8 })).toBe(false);
  expect(opened?.isFor({ ...alice, passwordHash: '$argon2id$of-her-next-password' })).toBe(false);
});

test('of nobody is for nobody', () => {
  const opened = openChallenge('secret', makeChallenge('secret', undefined, now), now);
  expect(opened?.userId).toBeUndefined();
  expect(opened?.isFor(undefined)).toBe(true);
  expect(opened?.isFor(alice)).toBe(false);
});

test('is good until its time is over', () => {
  const challenge = makeChallenge('secret', undefined, now);
  expect(openChallenge('secret', challenge, later(challengeMs - 1))?.expiresAt).toEqual(later(challengeMs));
  expect(openChallenge('secret', challenge, later(challengeMs))).toBeUndefined();
  expect(openChallenge('secret', challenge, later(-1))).toBeUndefined();
});

test('is ours to the last bit', () => {
  const bytes = Buffer.from(makeChallenge('secret', undefined, now), 'base64url');
  for (let bit = 0; bit < bytes.length * 8; bit++) {
    const changed = Buffer.from(bytes);
    changed[bit >> 3]! ^= 1 << (bit & 7);
    const opened = openChallenge('secret', changed.toString('base64url'), now);
    expect(opened?.isFor(undefined) ?? false, `bit ${bit}`).toBe(false);
  }
  expect(openChallenge('another', bytes.toString('base64url'), now)?.isFor(undefined)).toBe(false);
  expect(['', 'garbage', 'A'.repeat(86), 'A'.repeat(4_000)].map((text) => openChallenge('secret', text, now))).toEqual(
    Array.from({ length: 4 }, () => undefined),
  );
});

test('is another one each time', () => {
  const made = Array.from({ length: 100 }, () => makeChallenge('secret', undefined, now));
  expect(new Set(made).size).toBe(100);
  expect(new Set(made.map((challenge) => openChallenge('secret', challenge, now)?.digest.toString('hex'))).size).toBe(
    100,
  );
});
