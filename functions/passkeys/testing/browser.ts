// A real Chromium with a virtual authenticator, at a page of the test bank that asks as the bank's own pages do.
import { fileURLToPath } from 'node:url';
import { chromium, type Browser, type CDPSession, type Page } from 'playwright';
import { afterAll, beforeAll } from 'vitest';
import type { CreationOptions, RequestOptions } from '../../shared/contract/passkey.ts';
import { launchOptions } from '../../../web/tests/testing/chromium.ts';

/** As the pages load it, but in one file. */
const library = fileURLToPath(
  new URL('../../../node_modules/@simplewebauthn/browser/dist/bundle/index.umd.min.js', import.meta.url),
);

export type Answered = { status: number; body: { code: string; user: { id: number } } & Record<string, unknown> };
type Credential = { credentialId: string; privateKey: string; signCount: number; userHandle?: string };

export type Window = {
  page: Page;
  /** With the page's cookies, from its own origin. */
  ask: (method: string, path: string, body?: object, key?: string) => Promise<Answered>;
  /** What the authenticator answers, or the name of the error that the browser throws. */
  make: (options: CreationOptions) => Promise<object | string>;
  use: (options: RequestOptions) => Promise<object | string>;
  /** Of the virtual authenticator. */
  credentials: () => Promise<Credential[]>;
  addCredential: (credential: Credential) => Promise<void>;
  /** It has room for three. */
  forgetCredentials: () => Promise<void>;
  /** Whether it knows its user's finger. */
  setVerified: (isVerified: boolean) => Promise<void>;
  signOut: () => Promise<void>;
};

/** Opens windows that share nothing, each with an authenticator of its own. Call it at the top of a test file. */
export function browserOf(): (origin: string) => Promise<Window> {
  let browser: Browser;
  beforeAll(async () => {
    browser = await chromium.launch(launchOptions);
  }, 60_000);
  afterAll(() => browser.close());
  return async (origin) => {
    const context = await browser.newContext();
    const page = await context.newPage();
    await page.route(`${origin}/`, (route) =>
      route.fulfill({ contentType: 'text/html', body: '<!doctype html><title>A page of the bank</title>' }),
    );
    await page.goto(`${origin}/`);
    await page.addScriptTag({ path: library });
    const cdp = await context.newCDPSession(page);
    return { page, ...(await authenticatorOf(cdp)), ...speakingFrom(page), signOut: () => context.clearCookies() };
  };
}

async function authenticatorOf(
  cdp: CDPSession,
): Promise<Pick<Window, 'credentials' | 'addCredential' | 'forgetCredentials' | 'setVerified'>> {
  await cdp.send('WebAuthn.enable');
  const { authenticatorId } = await cdp.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      protocol: 'ctap2',
      transport: 'internal',
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
    },
  });
  return {
    async credentials() {
      return (await cdp.send('WebAuthn.getCredentials', { authenticatorId })).credentials;
    },
    async addCredential(credential) {
      await cdp.send('WebAuthn.addCredential', {
        authenticatorId,
        credential: { ...credential, isResidentCredential: true, rpId: 'localhost' },
      });
    },
    async forgetCredentials() {
      await cdp.send('WebAuthn.clearCredentials', { authenticatorId });
    },
    async setVerified(isUserVerified) {
      await cdp.send('WebAuthn.setUserVerified', { authenticatorId, isUserVerified });
    },
  };
}

function speakingFrom(page: Page): Pick<Window, 'ask' | 'make' | 'use'> {
  const call = (name: 'startRegistration' | 'startAuthentication', optionsJSON: object) =>
    page.evaluate(
      async ([method, options]) => {
        type Library = Record<string, (asked: { optionsJSON: object }) => Promise<object>>;
        const { SimpleWebAuthnBrowser } = globalThis as unknown as { SimpleWebAuthnBrowser: Library };
        return (
          SimpleWebAuthnBrowser[method]?.({ optionsJSON: options }).catch((error: unknown) => (error as Error).name) ??
          ''
        );
      },
      [name, optionsJSON] as const,
    );
  return {
    ask: (method, path, body, key) =>
      page.evaluate(
        async ([verb, address, sent, idempotencyKey]) => {
          const answer = await fetch(`/api${address}`, {
            method: verb,
            headers: {
              'x-requested-with': 'microbank-web',
              ...(sent !== undefined && { 'content-type': 'application/json' }),
              ...(idempotencyKey !== undefined && { 'idempotency-key': idempotencyKey }),
            },
            ...(sent !== undefined && { body: JSON.stringify(sent) }),
          });
          const text = await answer.text();
          return { status: answer.status, body: (text === '' ? {} : JSON.parse(text)) as Answered['body'] };
        },
        [method, path, body, key] as const,
      ),
    make: (options) => call('startRegistration', options),
    use: (options) => call('startAuthentication', options),
  };
}
