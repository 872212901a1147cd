// Browsers that somebody has signed in from: a cookie that says so, and nothing else. It opens nothing; it keeps the guesses of strangers
// from being counted against who sits at their own computer. Signing out leaves it.
import { createHmac, hkdfSync, randomBytes, timingSafeEqual } from 'node:crypto';
import { emailKey } from '../shared/contract/email-key.ts';
import type { Cookie } from '../shared/handler/answer.ts';

/** Half a year without signing in, and a browser is like any other. */
export const deviceLifetimeSeconds = 180 * 86_400;
/** A family's computer knows several people; the one who was here least recently is forgotten first. */
const peopleMax = 5;
const idBytes = 12;

/** `known`: the device by which this person is counted; undefined for a browser that they have not signed in from. */
export type KnownDevices = {
  find: (cookie: string | undefined, email: string, now: Date) => string | undefined;
  /** The cookie from now on: this person on this browser, and who was known there already. */
  remember: (cookie: string | undefined, email: string, now: Date) => Cookie;
};

/**
 * An entry is `id.day.tag`, entries are separated by `~`. The tag is an HMAC over id, day and address, so the cookie tells nobody whose it is, and
 * holds good for whoever signs in with that address only. `secret` as for attempts.ts.
 */
export function createKnownDevices(secret: string): KnownDevices {
  const key = Buffer.from(hkdfSync('sha256', secret, '', 'microbank known devices', 32));
  const tagOf = (id: string, day: string, email: string): Buffer =>
    createHmac('sha256', key)
      .update(`${id} ${day} ${emailKey(email)}`)
      .digest()
      .subarray(0, 18);

  const isOf = (entry: Entry, email: string): boolean => {
    const [tag, shown] = [tagOf(entry.id, entry.day, email), Buffer.from(entry.tag, 'base64url')];
    return shown.length === tag.length && timingSafeEqual(shown, tag);
  };

  return {
    find: (cookie, email, now) => {
      const entries = readEntries(cookie).filter(({ day }) => isRecent(day, now));
      return entries.find((entry) => isOf(entry, email))?.id;
    },
    remember: (cookie, email, now) => {
      const entries = readEntries(cookie).filter(({ day }) => isRecent(day, now));
      const own = entries.find((entry) => isOf(entry, email));
      // The same id, so that failures are not forgotten by being wrong once more after a success.
      const id = own?.id ?? randomBytes(idBytes).toString('base64url');
      const day = String(dayOf(now));
      const entry = { id, day, tag: tagOf(id, day, email).toString('base64url') };
      const others = entries.filter((other) => other !== own);
      const kept = [entry, ...others].slice(0, peopleMax);
      const value = kept.map((one) => `${one.id}.${one.day}.${one.tag}`).join('~');
      return { kind: 'device', value, maxAgeSeconds: deviceLifetimeSeconds };
    },
  };
}

type Entry = { id: string; day: string; tag: string };

/** What is no entry of ours is left out, and of many no more than we write are looked at. */
function readEntries(cookie = ''): Entry[] {
  return cookie
    .slice(0, 1024)
    .split('~', peopleMax)
    .flatMap((text) => {
      const [, id = '', day = '', tag = ''] = /^([\w-]{16})\.(\d{1,6})\.([\w-]{24})$/.exec(text) ?? [];
      return id === '' ? [] : [{ id, day, tag }];
    });
}

function dayOf(now: Date): number {
  return Math.floor(now.getTime() / 86_400_000);
}

function isRecent(day: string, now: Date): boolean {
  const age = dayOf(now) - Number(day);
  return age >= 0 && age <= deviceLifetimeSeconds / 86_400;
}
