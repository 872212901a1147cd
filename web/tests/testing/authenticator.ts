// A device with a finger on it: Chromium's virtual authenticator, which keeps passkeys as a phone does.
import type { CDPSession, Page } from '@playwright/test';

export type Authenticator = {
  /** How many passkeys it keeps. */
  count: () => Promise<number>;
  /** The device is gone. */
  remove: () => Promise<void>;
};

/** For one page: each has devices of its own. */
export async function giveAuthenticator(page: Page): Promise<Authenticator> {
  const session: CDPSession = await page.context().newCDPSession(page);
  await session.send('WebAuthn.enable');
  const { authenticatorId } = await session.send('WebAuthn.addVirtualAuthenticator', {
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
    count: async () => (await session.send('WebAuthn.getCredentials', { authenticatorId })).credentials.length,
    remove: async () => {
      await session.send('WebAuthn.removeVirtualAuthenticator', { authenticatorId });
    },
  };
}
