// The ten who ask in the table of rights, and what each has to show: a token, or an authority for one command.
import { decodeJwt, importJWK, SignJWT, UnsecuredJWT, type JWTPayload } from 'jose';
import { expect, vi } from 'vitest';
import type { SpeakerKey } from '../../../shared/process/config.ts';
import { alicesPassword, type World } from '../../api/testing/people.ts';

export const callers = [
  'anonymous',
  'customer',
  'other customer',
  'teller',
  'removed teller',
  'signed-out session',
  'expired',
  'forged signature',
  'unsigned',
  'signed by another context',
] as const;
export type Caller = (typeof callers)[number];

/** One answer for each of them. */
export type Cells = Record<Caller, string>;

/** The last six are refused whatever they ask, and the same way everywhere; of the others a row says what each may do. */
export function refusedAs(status: number): Omit<Cells, 'anonymous' | 'customer' | 'other customer' | 'teller'> {
  const [ended, unknown] = [`${status} session_ended`, `${status} unauthenticated`];
  return {
    'removed teller': ended,
    'signed-out session': ended,
    expired: unknown,
    'forged signature': unknown,
    unsigned: unknown,
    'signed by another context': unknown,
  };
}

export type Callers = {
  /** `customer` is the owner of what is asked for: Alice, unless somebody else is named. */
  tokenOf: (caller: Caller, owner?: number) => Promise<string | undefined>;
  /** What the claims of this caller's token are: who, in which role, in which session. */
  claimsOf: (caller: Exclude<Caller, 'anonymous'>, owner?: number) => Promise<JWTPayload>;
};

export async function givenCallers(world: World): Promise<Callers> {
  const { bank, alice, mallory } = world;
  const issue = (userId: number, role = 'customer', expiresIn = 3_600) => bank.tokenFor({ userId, role, expiresIn });
  const teller = await bank.givenPerson('Tess', { role: 'teller', password: alicesPassword });
  const leaver = await bank.givenPerson('Gone', { role: 'teller' });
  const signedOut = await issue(alice.id);
  await expectDone(bank.request('DELETE', `/users/${leaver.id}`, { token: await issue(teller.id, 'teller') }));
  await expectDone(bank.request('DELETE', `/sessions/${decodeJwt(signedOut)['sid'] as string}`, { token: signedOut }));

  async function tokenOf(caller: Caller, owner = alice.id): Promise<string | undefined> {
    switch (caller) {
      case 'anonymous':
        return undefined;
      // Each in a session of its own: some rows end all that somebody has.
      case 'customer':
        return issue(owner);
      case 'other customer':
        return issue(mallory.id);
      case 'teller':
        return issue(teller.id, 'teller');
      case 'removed teller':
        return leaver.token;
      case 'signed-out session':
        return signedOut;
      case 'expired':
        return issue(teller.id, 'teller', -60);
      case 'forged signature':
        return forge(await issue(teller.id, 'teller'));
      case 'unsigned':
        return new UnsecuredJWT(decodeJwt(await issue(teller.id, 'teller'))).encode();
      case 'signed by another context':
        return signByContext(bank.issuer.eventSigningKeys, decodeJwt(await issue(teller.id, 'teller')), 'JWT');
    }
  }
  return {
    tokenOf,
    claimsOf: async (caller, owner) => decodeJwt((await tokenOf(caller, owner)) ?? ''),
  };
}

/** Waits until the functions know of the sessions that have ended: within seconds, as the bank promises. */
export async function whenEndsAreKnown({ bank }: World, { tokenOf }: Callers): Promise<void> {
  for (const caller of ['removed teller', 'signed-out session'] as const) {
    const token = await tokenOf(caller);
    const refused = async () => {
      expect((await bank.request('GET', '/accounts', { token })).status).toBe(401);
    };
    await vi.waitFor(refused, { timeout: 6_000, interval: 100 });
  }
}

/** A token of each, made once: for what looks at none of them. */
export async function tokensOf({ tokenOf }: Callers): Promise<ReadonlyMap<Caller, string | undefined>> {
  const tokens = new Map<Caller, string | undefined>();
  for (const caller of callers) tokens.set(caller, await tokenOf(caller));
  return tokens;
}

/** The claims as they were, under another signature of the same length. */
export function forge(jwt: string): string {
  const [head, body, signature = ''] = jwt.split('.');
  const other = Array.from(signature, (letter) => (letter === 'A' ? 'B' : 'A')).join('');
  return [head, body, other].join('.');
}

/** By a key that the bank knows, and that is for facts of the ledger. */
export async function signByContext(keys: readonly SpeakerKey[], claims: JWTPayload, typ: string): Promise<string> {
  const key = keys.find(({ speaker }) => speaker === 'ledger') as SpeakerKey;
  const header = { alg: 'EdDSA', typ, kid: key.kid };
  return new SignJWT(claims).setProtectedHeader(header).sign(await importJWK({ ...key }, 'EdDSA'));
}

async function expectDone(answer: Promise<{ status: number }>): Promise<void> {
  expect((await answer).status).toBe(204);
}
