// What sign-in promises.
import * as z from 'zod';
import { boundedText, trimmedText } from '../shared/contract/bounded-text.ts';
import type { Contract } from '../shared/contract/function.ts';
import { exampleUser, printable, userSchema } from '../shared/contract/user.ts';

export const credentials = z.strictObject({
  email: trimmedText(254).min(1).regex(printable, 'must not contain control characters'),
  password: boundedText(1024).min(1).meta({ format: 'password', writeOnly: true }),
});
export type Credentials = z.infer<typeof credentials>;

export const session = z.strictObject({
  access_token: z.string().describe('A JWT: send it as `Authorization: Bearer …`.'),
  token_type: z.literal('Bearer'),
  expires_in: z.int().positive().describe('Seconds until the token is no longer taken.'),
});
export type Session = z.infer<typeof session>;

export const webSession = z.strictObject({
  user: userSchema,
  expires_at: z.iso.datetime({ offset: true }).describe('When the cookie is no longer taken, unless renewed before.'),
  ends_at: z.iso
    .datetime({ offset: true })
    .describe('12 hours after signing in, which is due again then, however often the session was renewed.'),
});
export type WebSession = z.infer<typeof webSession>;

export const currentSession = z.strictObject({
  session: webSession.nullable().describe('Null when nobody is signed in.'),
});
export type CurrentSession = z.infer<typeof currentSession>;

const webSessionExample = {
  user: exampleUser,
  expires_at: '2026-11-23T10:30:00.000Z',
  ends_at: '2026-11-23T21:30:00.000Z',
} satisfies WebSession;

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
  summary:
    'Exchanges an email address and a password for a token or a browser session, and publishes the keys that verify both.',
  databases: ['users'],
  databaseRole: 'sign-in',
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
    'POST /web-sessions': {
      summary: 'Signs a browser in, as POST /sessions does, with the token in a cookie that no script can read.',
      access: 'anyone',
      setsCookie: true,
      body: credentials,
      answer: webSession,
      status: 201,
      refusals: ['invalid_credentials', 'too_many_attempts', 'csrf_refused'],
      example: {
        command: { email: 'alice@example.com', password: 'four unrelated words do' },
        answer: webSessionExample,
      },
    },
    'GET /web-sessions/current': {
      summary: 'Who is signed in, or null: a page asks it when it loads, and a cookie that is no good is nobody.',
      access: 'anyone',
      setsCookie: true,
      answer: currentSession,
      status: 200,
      example: { command: {}, answer: { session: webSessionExample } },
    },
    'POST /web-sessions/current/renewal': {
      summary: 'Gives the session another hour, but none after its end.',
      access: 'signed-in',
      setsCookie: true,
      answer: webSession,
      status: 200,
      refusals: ['session_ended', 'csrf_refused'],
      example: { command: {}, answer: webSessionExample },
    },
    'DELETE /web-sessions/current': {
      summary: 'Signs the browser out: its cookie is cleared, whether the session was still good or not.',
      access: 'anyone',
      setsCookie: true,
      status: 204,
      refusals: ['csrf_refused'],
      example: { command: {} },
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
