// Passkeys as the bank, the browser and the authenticator speak of them (WebAuthn, JSON forms). Browsers may import this file.
import * as z from 'zod';
import { boundedText, storableText } from './bounded-text.ts';

/** Text of bytes, base64url; the longest that any of them has is a key with its statement. */
const bytes = (lengthMax: number) => boundedText(lengthMax).regex(/^[\w-]+$/, 'must be base64url');
const transport = z.enum(['ble', 'cable', 'hybrid', 'internal', 'nfc', 'smart-card', 'usb']);

/** An authenticator may give its keys ids of up to 1,023 bytes. */
const credentialId = bytes(1_364);
/** What the browser adds beside the answers: nothing that the bank looks at, so nothing of it is kept. */
const common = {
  id: credentialId,
  rawId: credentialId,
  type: z.literal('public-key'),
  authenticatorAttachment: z.enum(['cross-platform', 'platform']).nullish(),
  clientExtensionResults: z.object({}),
};

/** As `startRegistration` of @simplewebauthn/browser returns it. */
export const registrationResponse = z.strictObject({
  ...common,
  response: z.object({
    clientDataJSON: bytes(4_096),
    attestationObject: bytes(16_384),
    // Browsers name new ways from time to time; who does not know one can still use the key.
    transports: z.array(storableText(32)).max(16).optional(),
  }),
});
export type RegistrationResponse = z.infer<typeof registrationResponse>;

/** As `startAuthentication` of @simplewebauthn/browser returns it. */
export const authenticationResponse = z.strictObject({
  ...common,
  response: z.object({
    clientDataJSON: bytes(4_096),
    authenticatorData: bytes(4_096),
    signature: bytes(8_192),
    userHandle: bytes(128).nullish(),
  }),
});
export type AuthenticationResponse = z.infer<typeof authenticationResponse>;

const knownPasskey = z.strictObject({
  type: z.literal('public-key'),
  id: z.string(),
  transports: z.array(transport).optional(),
});

/** What `startRegistration({ optionsJSON })` takes. Without `rp.id`: the browser takes the host that its page came from. */
export const creationOptions = z.strictObject({
  challenge: z.string(),
  rp: z.strictObject({ name: z.string() }),
  user: z.strictObject({ id: z.string(), name: z.string(), displayName: z.string() }),
  pubKeyCredParams: z.array(z.strictObject({ type: z.literal('public-key'), alg: z.int() })),
  timeout: z.int().positive().describe('Milliseconds for which the challenge is good.'),
  excludeCredentials: z.array(knownPasskey),
  authenticatorSelection: z.strictObject({
    residentKey: z.literal('required'),
    requireResidentKey: z.literal(true),
    userVerification: z.literal('required'),
  }),
  attestation: z.literal('none'),
});
export type CreationOptions = z.infer<typeof creationOptions>;

/** What `startAuthentication({ optionsJSON })` takes. */
export const requestOptions = z.strictObject({
  challenge: z.string(),
  timeout: z.int().positive().describe('Milliseconds for which the challenge is good.'),
  allowCredentials: z.array(knownPasskey).describe('Empty: any passkey that the person has for this bank.'),
  userVerification: z.enum(['required', 'discouraged']),
});
export type RequestOptions = z.infer<typeof requestOptions>;

export const passkeySchema = z.strictObject({
  id: z.uuid(),
  name: z.string().describe('As its owner calls it.'),
  site: z.string().describe('The host at which it was made, and at which alone it works.'),
  synced: z.boolean().describe('Kept by a password manager or a platform, which may bring it to other devices.'),
  created_at: z.iso.datetime({ offset: true }),
  last_used_at: z.iso.datetime({ offset: true }).nullable(),
});
export type Passkey = z.infer<typeof passkeySchema>;
