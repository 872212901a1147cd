// Who is signed in. Token and renewal secret are in HttpOnly cookies that no script can read; this knows only whose they are and until
// when. The token lives shortly and is renewed all along; the session lasts as long as somebody is there.
import { contract as signIn } from '../../../functions/sign-in/contract.ts';
import { call, whenUnauthenticated, type AnswerFrom } from './api.ts';
import { Problem } from './problem.ts';

type Session = NonNullable<AnswerFrom<(typeof signIn)['routes']['GET /web-sessions/current']>['session']>;

/** So long before the end the page asks whether to stay. */
const warnBeforeMs = 2 * 60_000;
/** With less left than this, somebody who is active is renewed without being asked. */
const renewBeforeMs = 20 * 60_000;
const activeWithinMs = 5 * 60_000;
/** So long before its end the token is renewed, whether somebody is there or not. */
const renewTokenBeforeMs = 5 * 60_000;
const lookEveryMs = 5_000;

class CurrentSession {
  #session = $state.raw<Session | undefined>(undefined);
  #now = $state(Date.now());
  #lastActiveMs = Date.now();
  #regaining: Promise<void> | undefined;
  /** Other tabs of this browser share the cookie, so they have to hear of a change. */
  readonly #tabs = new BroadcastChannel('microbank.session');
  /** True until the bank has been asked for the first time. */
  isUnknown = $state(true);
  /** The session ended without being asked to: the sign-in page says so. */
  hasExpired = $state(false);
  /** The session ended because its owner signed out here. */
  wasLeft = $state(false);

  readonly user = $derived(this.#session?.user);
  /** Stays the same through renewals, unlike the object that has it. */
  readonly userId = $derived(this.#session?.user.id);
  readonly isTeller = $derived(this.#session?.user.role === 'teller');
  readonly #leftMs = $derived(this.#session ? Date.parse(this.#session.expires_at) - this.#now : Infinity);
  /** How long it lasts unless it is renewed, once that is soon; else undefined. */
  readonly endsInMs = $derived(this.#leftMs > 0 && this.#leftMs <= warnBeforeMs ? this.#leftMs : undefined);
  /** False in the last minutes of the longest time that a session can last. */
  readonly isRenewable = $derived(
    this.#session !== undefined && Date.parse(this.#session.ends_at) > Date.parse(this.#session.expires_at),
  );

  /** Once: hears of what other tabs do, renews for who is active, and notices the end. */
  watch(): void {
    whenUnauthenticated(() => this.#regain());
    // What cannot be learnt now is learnt at the next request, which fails in its own words.
    this.#tabs.onmessage = () => void this.refresh().catch(() => undefined);
    for (const sign of ['pointerdown', 'keydown'] as const) {
      addEventListener(sign, () => (this.#lastActiveMs = Date.now()), { passive: true });
    }
    setInterval(() => void this.#look(), lookEveryMs);
  }

  /** @throws what call() throws. */
  async signIn(email: string, password: string): Promise<void> {
    await this.signInBy(call(signIn, 'POST /web-sessions', { email, password }));
  }

  /** By the answer to another way in than the password. @throws what the answer throws. */
  async signInBy(answer: Promise<Session>): Promise<void> {
    this.#accept(await answer);
    this.#tabs.postMessage('changed');
  }

  async signOut(): Promise<void> {
    await call(signIn, 'DELETE /web-sessions/current', {});
    this.#leave();
  }

  /** On all devices, this one included. */
  async signOutEverywhere(): Promise<void> {
    await call(signIn, 'DELETE /sessions', {});
    this.#leave();
  }

  /** `isActive` is false when nobody asked for it: the session then ends when it would have. @throws what call() throws. */
  async renew(isActive = true): Promise<void> {
    this.#accept(await inTurn(() => call(signIn, 'POST /web-sessions/current/renewal', { is_active: isActive })));
    this.#tabs.postMessage('changed');
  }

  /** Asks the bank who is signed in. @throws what call() throws. */
  async refresh(): Promise<void> {
    const { session, is_renewable } = await call(signIn, 'GET /web-sessions/current', {});
    // A page that is opened is somebody's; one that has been open all along was perhaps left.
    if (is_renewable) await this.renew(!this.#session || this.#isActive);
    else if (!session && this.#session) this.#expire();
    else this.#accept(session ?? undefined);
  }

  /** The bank did not know who asked: the token may have gone while this page slept. True when there is a new one. */
  async #regain(): Promise<boolean> {
    if (!this.#session) return false;
    try {
      await (this.#regaining ??= this.renew(this.#isActive));
      return true;
    } catch (error) {
      if (error instanceof Problem && error.body.status === 401) this.#expire();
      return false;
    } finally {
      this.#regaining = undefined;
    }
  }

  get #isActive(): boolean {
    return Date.now() - this.#lastActiveMs < activeWithinMs;
  }

  #accept(session: Session | undefined): void {
    this.#session = session;
    this.#now = Date.now();
    this.isUnknown = false;
    if (session) this.hasExpired = this.wasLeft = false;
  }

  #leave(): void {
    this.wasLeft = true;
    this.#accept(undefined);
    this.#tabs.postMessage('changed');
  }

  #expire(): void {
    if (!this.#session) return;
    this.#accept(undefined);
    this.hasExpired = true;
  }

  async #look(): Promise<void> {
    this.#now = Date.now();
    if (!this.#session || !navigator.onLine) return;
    const tokenLeftMs = Date.parse(this.#session.renew_by) - this.#now;
    try {
      if (this.#leftMs <= 0) await this.refresh();
      else if (this.#leftMs < renewBeforeMs && this.#isActive && this.isRenewable) await this.renew();
      else if (tokenLeftMs < Math.min(renewTokenBeforeMs, this.#leftMs)) await this.renew(this.#isActive);
    } catch {
      // The bank cannot be reached: the next look asks again, and every request that fails says so itself.
    }
  }
}

export const session = new CurrentSession();

/** One tab after the other: each renewal needs the secret that the one before it was given. */
async function inTurn<T>(work: () => Promise<T>): Promise<T> {
  return await navigator.locks.request('microbank.renewal', work);
}
