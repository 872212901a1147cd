// What sign-in promises.
import * as z from 'zod';
import type { Contract } from '../shared/contract.ts';
import { printable } from '../shared/users-contract.ts';

export const credentials = z.strictObject({
  email: z.string().trim().min(1).max(254).regex(printable, 'must not contain control characters'),
  password: z.string().min(1).max(1024).meta({ format: 'password', writeOnly: true }),
});
export type Credentials = z.infer<typeof credentials>;

export const session = z.strictObject({
  access_token: z.string().describe('A JWT: send it as `Authorization: Bearer …`.'),
  token_type: z.literal('Bearer'),
  expires_in: z.int().positive().describe('Seconds until the token is no longer taken.'),
});
export type Session = z.infer<typeof session>;

/** Public keys only: there is no `d` here, and the strict object keeps it out. */
export const keySet = z.strictObject({
  keys: z.array(
    z.strictObject({
      kty: z.string(),
      crv: z.string(),
      x: z.string(),
      y: z.string().optional(),
      kid: z.string(),
      alg: z.string(),
      use: z.literal('sig'),
    }),
  ),
});
export type KeySet = z.infer<typeof keySet>;

export const contract = {
  name: 'sign-in',
  summary: 'Exchanges an email address and a password for a token, and publishes the keys that verify it.',
  databases: ['users'],
  routes: {
    'POST /sessions': {
      summary: 'Signs in. One answer for everything that can be wrong, and a limit on how often it may be.',
      access: 'anyone',
      body: credentials,
      answer: session,
      status: 201,
      refusals: ['invalid_credentials', 'too_many_attempts'],
      example: {
        command: { email: 'alice@example.com', password: 'four unrelated words do' },
        answer: {
          access_token: 'eyJhbGciOiJFZERTQSJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl',
          token_type: 'Bearer',
          expires_in: 3600,
        },
      },
    },
    'GET /.well-known/jwks.json': {
      summary: 'The public keys that verify tokens (RFC 7517).',
      access: 'anyone',
      answer: keySet,
      status: 200,
      example: {
        command: {},
        answer: {
          keys: [
            {
              kty: 'OKP',
              crv: 'Ed25519',
              x: '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo',
              kid: 'kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k',
              alg: 'EdDSA',
              use: 'sig',
            },
          ],
        },
      },
    },
  },
} as const satisfies Contract;
