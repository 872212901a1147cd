// What passkeys promises. Signing in with one: functions/sign-in/contract.ts.
import * as z from 'zod';
import type { Contract } from '../shared/contract/function.ts';
import { idParam } from '../shared/contract/paging.ts';
import { creationOptions, passkeySchema, registrationResponse, type Passkey } from '../shared/contract/passkey.ts';
import { passwordSchema } from '../shared/contract/password.ts';
import { visibleLine } from '../shared/contract/plain-text.ts';

/** More than anybody has devices for. */
export const passkeysMax = 20;

export const passkeyConfirmation = z.strictObject({
  password: passwordSchema.describe('The own one, once more: a page left open is not enough to get a way in for good.'),
});

export const newPasskey = z.strictObject({
  name: visibleLine(60),
  response: registrationResponse,
});
export type NewPasskey = z.infer<typeof newPasskey>;

export const passkeysQuery = z.strictObject({
  user_id: idParam.optional().describe('Whose; for tellers. The own ones when left out.'),
});
export type PasskeysQuery = z.infer<typeof passkeysQuery>;

const example: Passkey = {
  id: '019a0c5e-7c1e-7d52-a3a3-2f6f3b1c9d4e',
  name: 'Phone',
  site: 'microbank.localhost',
  synced: true,
  created_at: '2026-11-23T09:30:00.000Z',
  last_used_at: null,
};

export const contract = {
  name: 'passkeys',
  summary: 'Keeps the passkeys of each user: a second way to sign in, and for tellers a second factor.',
  databases: ['users'],
  databaseRole: 'credentials',
  routes: {
    'GET /passkeys': {
      summary: 'Lists the own passkeys, the newest first; to a teller those of anybody.',
      access: 'signed-in',
      query: passkeysQuery,
      answer: z.array(passkeySchema),
      status: 200,
      refusals: ['user_not_found'],
      example: { command: {}, answer: [] },
    },
    'POST /passkeys/options': {
      summary:
        'What a browser needs to make a passkey, for this session and five minutes. A challenge before it is void.',
      access: 'signed-in',
      body: passkeyConfirmation,
      answer: creationOptions,
      status: 200,
      refusals: ['wrong_password', 'too_many_attempts', 'session_ended', 'too_many_passkeys'],
      example: {
        command: { password: 'four unrelated words do' },
        answer: {
          challenge: 'VGhpcyBpcyBub3QgYSBjaGFsbGVuZ2Ugb2Ygb3Vycy4',
          rp: { name: 'microbank' },
          user: { id: 'hGV2mB3bQxKd0uQ4mR1s8w', name: 'alice@example.com', displayName: 'Alice Johnson' },
          pubKeyCredParams: [
            { type: 'public-key', alg: -8 },
            { type: 'public-key', alg: -7 },
            { type: 'public-key', alg: -257 },
          ],
          timeout: 300_000,
          excludeCredentials: [],
          authenticatorSelection: { residentKey: 'required', requireResidentKey: true, userVerification: 'required' },
          attestation: 'none',
        },
      },
    },
    'POST /passkeys': {
      summary: 'Keeps the passkey that the browser made with those options.',
      access: 'signed-in',
      body: newPasskey,
      answer: passkeySchema,
      status: 201,
      idempotent: true,
      refusals: ['passkey_refused', 'passkey_taken', 'passkey_not_found', 'too_many_passkeys', 'session_ended'],
      example: {
        command: {
          name: example.name,
          response: {
            id: 'kFJ0pYxQ3m5n',
            rawId: 'kFJ0pYxQ3m5n',
            type: 'public-key',
            clientExtensionResults: {},
            response: {
              clientDataJSON: 'eyJ0eXBlIjoid2ViYXV0aG4uY3JlYXRlIn0',
              attestationObject: 'o2NmbXRkbm9uZQ',
              transports: ['internal'],
            },
          },
        },
        answer: example,
      },
    },
    'DELETE /passkeys/{id}': {
      summary: 'Takes a passkey away: an own one, or by a teller that of anybody.',
      access: 'signed-in',
      params: z.strictObject({ id: z.uuid() }),
      status: 204,
      refusals: ['passkey_not_found', 'session_ended'],
      example: { command: { id: example.id } },
    },
  },
} as const satisfies Contract;
