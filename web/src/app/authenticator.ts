// Asks the browser for a passkey. Loaded once somebody wants to make or use one.
import {
  startAuthentication,
  startRegistration,
  type PublicKeyCredentialCreationOptionsJSON,
  type PublicKeyCredentialRequestOptionsJSON,
} from '@simplewebauthn/browser';
import type {
  AuthenticationResponse,
  CreationOptions,
  RegistrationResponse,
  RequestOptions,
} from '../../../functions/shared/contract/passkey.ts';
import { PasskeyFailed } from './problem.ts';

/** @throws PasskeyFailed when the person or the device would not. */
export async function createPasskey(options: CreationOptions): Promise<RegistrationResponse> {
  const optionsJSON = options as PublicKeyCredentialCreationOptionsJSON;
  return (await startRegistration({ optionsJSON }).catch(tellWhy)) as RegistrationResponse;
}

/** @throws PasskeyFailed when the person or the device would not. */
export async function usePasskey(options: RequestOptions): Promise<AuthenticationResponse> {
  const optionsJSON = options as PublicKeyCredentialRequestOptionsJSON;
  return (await startAuthentication({ optionsJSON }).catch(tellWhy)) as AuthenticationResponse;
}

/** By the names that WebAuthn gives its errors; the browser tells no page more, so that none can find out what keys there are. */
const reasons: Readonly<Record<string, PasskeyFailed['why']>> = {
  AbortError: 'cancelled',
  NotAllowedError: 'cancelled',
  InvalidStateError: 'known',
  ConstraintError: 'unsupported',
  NotSupportedError: 'unsupported',
  SecurityError: 'unsupported',
};

function tellWhy(error: unknown): never {
  const why = 'PublicKeyCredential' in globalThis ? reasons[(error as Error).name] : 'unsupported';
  if (why === undefined) throw error;
  throw new PasskeyFailed(why, error);
}
