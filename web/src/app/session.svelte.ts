// Who is signed in. The token is in an HttpOnly cookie that no script can read; this knows only whose it is and until when.
import { contract as signIn } from '../../../functions/sign-in/contract.ts';
import { call, whenUnauthenticated, type AnswerFrom } from './api.ts';

type Session = NonNullable<AnswerFrom<(typeof signIn)['routes']['GET /web-sessions/current']>['session']>;

/** So long before the end the page asks whether to stay. */
const warnBeforeMs = 2 * 60_000;
/** With less left than this, somebody who is active is renewed without being asked. */
const renewBeforeMs = 20 * 60_000;
const activeWithinMs = 5 * 60_000;
const lookEveryMs = 5_000;

class CurrentSession {
  #session = $state.raw<Session | undefined>(undefined);
  #now = $state(Date.now());
  #lastActiveMs = Date.now();
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
    whenUnauthenticated(() => this.#expire());
    // What cannot be learnt now is learnt at the next request, which fails in its own words.
    this.#tabs.onmessage = () => void this.refresh().catch(() => undefined);
    for (const sign of ['pointerdown', 'keydown'] as const) {
      addEventListener(sign, () => (this.#lastActiveMs = Date.now()), { passive: true });
    }
    setInterval(() => void this.#look(), lookEveryMs);
  }

  /** @throws what call() throws. */
  async signIn(email: string, password: string): Promise<void> {
    const session = await call(signIn, 'POST /web-sessions', { email, password });
    this.#accept(session);
    this.#tabs.postMessage('changed');
  }

  async signOut(): Promise<void> {
    await call(signIn, 'DELETE /web-sessions/current', {});
    this.wasLeft = true;
    this.#accept(undefined);
    this.#tabs.postMessage('changed');
  }

  async renew(): Promise<void> {
    this.#accept(await call(signIn, 'POST /web-sessions/current/renewal', {}));
    this.#tabs.postMessage('changed');
  }

  /** Asks the bank who is signed in. @throws what call() throws. */
  async refresh(): Promise<void> {
    const { session } = await call(signIn, 'GET /web-sessions/current', {});
    if (!session && this.#session) this.#expire();
    else this.#accept(session ?? undefined);
  }

  #accept(session: Session | undefined): void {
    this.#session = session;
    this.#now = Date.now();
    this.isUnknown = false;
    if (session) this.hasExpired = this.wasLeft = false;
  }

  #expire(): void {
    if (!this.#session) return;
    this.#accept(undefined);
    this.hasExpired = true;
  }

  async #look(): Promise<void> {
    this.#now = Date.now();
    if (!this.#session || !navigator.onLine) return;
    const isActive = this.#now - this.#lastActiveMs < activeWithinMs;
    try {
      if (this.#leftMs <= 0) await this.refresh();
      else if (this.#leftMs < renewBeforeMs && isActive && this.isRenewable) await this.renew();
    } catch {
      // The bank cannot be reached: the next look asks again, and every request that fails says so itself.
    }
  }
}

export const session = new CurrentSession();
