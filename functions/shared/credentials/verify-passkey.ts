// Whether an authenticator made a passkey, or signed with one, as it was asked to. The cryptography is @simplewebauthn/server's.
import type { AuthenticationResponse, RegistrationResponse } from '../contract/passkey.ts';
import { passkeyRefused, siteOf } from './passkey-sites.ts';

/** Loaded when the first passkey is shown: half a second and 24 MiB that no start from zero and no password has to wait for. */
const load = async () => {
  const [server, helpers] = await Promise.all([
    import('@simplewebauthn/server'),
    import('@simplewebauthn/server/helpers'),
  ]);
  return { ...server, ...helpers };
};

/** EdDSA, ES256, RS256 (COSE numbers): what authenticators there are can do at least one of. */
export const passkeyAlgorithms = [-8, -7, -257] as const;

export type Made = {
  credential_id: Buffer;
  public_key: Buffer;
  sign_count: number;
  transports: string[];
  site: string;
  synced: boolean;
};

/** A new passkey, made for this challenge at a page of ours by somebody whom their authenticator knows. Throws `passkey_refused`. */
export async function verifyMaking(
  { response, ...rest }: RegistrationResponse,
  asked: { challenge: string; origins: readonly string[] },
): Promise<Made> {
  const { site, origin } = siteOf(response.clientDataJSON, asked.origins);
  const { verifyRegistrationResponse, decodeAttestationObject } = await load();
  const { registrationInfo } = await orRefused(() => {
    requireNoCertificates(decodeAttestationObject(Buffer.from(response.attestationObject, 'base64url')));
    return verifyRegistrationResponse({
      response: browserForm(rest, {
        clientDataJSON: response.clientDataJSON,
        attestationObject: response.attestationObject,
      }),
      expectedChallenge: asked.challenge,
      expectedOrigin: origin,
      expectedRPID: site,
      requireUserVerification: true,
      supportedAlgorithmIDs: [...passkeyAlgorithms],
    });
  });
  if (!registrationInfo) throw passkeyRefused('the passkey is not what was asked for');
  const { credential, credentialBackedUp } = registrationInfo;
  return {
    credential_id: Buffer.from(credential.id, 'base64url'),
    public_key: Buffer.from(credential.publicKey),
    sign_count: credential.counter,
    transports: response.transports ?? [],
    site,
    synced: credentialBackedUp,
  };
}

export type Known = { credential_id: Buffer; public_key: Buffer; sign_count: bigint; site: string };

/**
 * A signature of this passkey for this challenge, given at a page of ours. Throws `passkey_refused`, also for an authenticator that has
 * counted less than before: then there are two with the same key.
 */
export async function verifyUse(
  { response, ...rest }: AuthenticationResponse,
  known: Known,
  asked: { challenge: string; origins: readonly string[]; requireUserVerification: boolean },
): Promise<{ sign_count: number; synced: boolean }> {
  const { site, origin } = siteOf(response.clientDataJSON, asked.origins);
  if (site !== known.site) throw passkeyRefused('the passkey belongs to another address of the bank');
  const { verifyAuthenticationResponse } = await load();
  const { verified, authenticationInfo } = await orRefused(() =>
    verifyAuthenticationResponse({
      response: browserForm(rest, {
        clientDataJSON: response.clientDataJSON,
        authenticatorData: response.authenticatorData,
        signature: response.signature,
      }),
      expectedChallenge: asked.challenge,
      expectedOrigin: origin,
      expectedRPID: site,
      requireUserVerification: asked.requireUserVerification,
      credential: {
        id: known.credential_id.toString('base64url'),
        publicKey: new Uint8Array(known.public_key),
        counter: Number(known.sign_count),
      },
    }),
  );
  if (!verified) throw passkeyRefused('the signature is not of this passkey');
  return { sign_count: authenticationInfo.newCounter, synced: authenticationInfo.credentialBackedUp };
}

/**
 * None was asked for, so an honest browser sends none. Those of a dishonest one would be parsed, built into chains and their lists of
 * revoked ones fetched from addresses that they name.
 */
function requireNoCertificates(
  attestation: { get(key: 'fmt'): string } & { get(key: 'attStmt'): { get(key: 'x5c'): unknown } },
) {
  const format = attestation.get('fmt');
  const isBare = format === 'none' || (format === 'packed' && attestation.get('attStmt').get('x5c') === undefined);
  if (!isBare) throw new Error(`an attestation of the format ${format}, although none was asked for`);
}

/** The library throws plain errors for all that does not fit; it asks nobody and keeps nothing, so there are no others. */
async function orRefused<T>(verify: () => Promise<T>): Promise<T> {
  try {
    return await verify();
  } catch (cause) {
    throw passkeyRefused('the passkey is not what was asked for', 422, cause);
  }
}

function browserForm<R>({ id, rawId, type }: Pick<RegistrationResponse, 'id' | 'rawId' | 'type'>, response: R) {
  return { id, rawId, type, response, clientExtensionResults: {} };
}
