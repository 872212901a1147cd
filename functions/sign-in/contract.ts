// What sign-in promises.
import * as z from 'zod';
import { boundedText, storableText } from '../shared/contract/bounded-text.ts';
import type { Contract } from '../shared/contract/function.ts';
import { idParam } from '../shared/contract/paging.ts';
import { authenticationResponse, requestOptions } from '../shared/contract/passkey.ts';
import { passwordSchema } from '../shared/contract/password.ts';
import { visibleLine } from '../shared/contract/plain-text.ts';
import { sessionIdSchema } from '../shared/contract/session.ts';
import { exampleUser, userSchema } from '../shared/contract/user.ts';

export const credentials = z.strictObject({
  email: visibleLine(254),
  password: passwordSchema,
});
export type Credentials = z.infer<typeof credentials>;

export const passkeySignIn = z.strictObject({ response: authenticationResponse });
export type PasskeySignIn = z.infer<typeof passkeySignIn>;

export const session = z.strictObject({
  access_token: z.string().describe('A JWT: send it as `Authorization: Bearer …`.'),
  token_type: z.literal('Bearer'),
  expires_in: z.int().positive().describe('Seconds until the token is no longer taken.'),
  session_id: sessionIdSchema,
  renewal_secret: z
    .string()
    .describe(
      'Gets the next token from POST /sessions/renewal, once. Keep it as you keep a password, and apart from the token.',
    ),
  ends_at: z.iso
    .datetime({ offset: true })
    .describe('When signing in is due again, however often the session was renewed.'),
});
export type Session = z.infer<typeof session>;

export const webSession = z.strictObject({
  user: userSchema,
  session_id: sessionIdSchema,
  renew_by: z.iso
    .datetime({ offset: true })
    .describe('When the cookie with the token is no longer taken; a renewal gives another one.'),
  expires_at: z.iso
    .datetime({ offset: true })
    .describe('When the session is over, unless it is renewed before by somebody who is there.'),
  ends_at: z.iso
    .datetime({ offset: true })
    .describe('12 hours after signing in, which is due again then, however often the session was renewed.'),
});
export type WebSession = z.infer<typeof webSession>;

export const currentSession = z.strictObject({
  session: webSession.nullable().describe('Null when nobody is signed in.'),
  is_renewable: z.boolean().describe('Nobody is, but POST /web-sessions/current/renewal signs them in again.'),
});
export type CurrentSession = z.infer<typeof currentSession>;

const printableText = z.string().regex(/^[!-~]{1,255}$/, 'has to have 1 to 255 printable ASCII characters');
/** An id of a CloudEvent is any text; a header carries these, with their spaces written as %20. */
const eventId = boundedText(255).regex(
  /^[!-~]([ -~]*[!-~])?$/,
  'has to have 1 to 255 printable ASCII characters, and spaces only between them',
);

export const commandToAuthorize = z.strictObject({
  type: boundedText(100).regex(
    /^com\.microbank\.[a-z.]+\.requested$/,
    'has to be the type of a command, such as com.microbank.transfer.requested',
  ),
  source: printableText.describe('Of the CloudEvent that will carry the command.'),
  id: eventId.describe('Of that CloudEvent; with its source it makes the command one that is done once.'),
  data: z.record(z.string(), z.unknown()).describe('The command itself, as the CloudEvent will carry it.'),
});
export type CommandToAuthorize = z.infer<typeof commandToAuthorize>;

export const commandAuthority = z.strictObject({
  authority: z
    .string()
    .describe('Goes into the extension attribute `authority` of that CloudEvent, and is good for no other.'),
  expires_at: z.iso.datetime().describe('When it is no longer taken.'),
});
export type CommandAuthority = z.infer<typeof commandAuthority>;

export const sessionRenewal = z.strictObject({
  session_id: sessionIdSchema,
  renewal_secret: storableText(100).min(1).describe('The last one that this session was given.'),
});
export type SessionRenewal = z.infer<typeof sessionRenewal>;

export const webSessionRenewal = z.strictObject({
  is_active: z
    .boolean()
    .default(true)
    .describe('False when a page renews by itself and nobody is there: the session then ends when it would have.'),
});

export const signedInSession = z.strictObject({
  id: sessionIdSchema,
  kind: z.enum(['api', 'web']),
  device: z.string().describe('In words, from what the program says of itself.'),
  network: z.string().describe('The address from which it was last renewed.'),
  created_at: z.iso.datetime({ offset: true }),
  last_seen_at: z.iso.datetime({ offset: true }).describe('When it was last renewed.'),
  expires_at: z.iso.datetime({ offset: true }),
  ends_at: z.iso.datetime({ offset: true }),
  current: z.boolean().describe('Whether it is the one that asks.'),
});
export type SignedInSession = z.infer<typeof signedInSession>;

export const endedSessions = z.strictObject({
  sessions: z.array(sessionIdSchema).describe('Ids of sessions that ended before their last tokens did.'),
});
export type EndedSessions = z.infer<typeof endedSessions>;

const sessionExample = {
  access_token: 'eyJhbGciOiJFZERTQSJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl',
  token_type: 'Bearer',
  expires_in: 900,
  session_id: '0198c5a0-0000-7000-8000-000000000009',
  renewal_secret: '0.bm90IGEgcmVhbCBzZWNyZXQsIG9ubHkgYW4gZXhhbXBs',
  ends_at: '2026-11-23T21:30:00.000Z',
} satisfies Session;

const webSessionExample = {
  user: exampleUser,
  session_id: '0198c5a0-0000-7000-8000-000000000009',
  renew_by: '2026-11-23T09:45:00.000Z',
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
      refusals: ['invalid_credentials', 'passkey_required', 'too_many_attempts'],
      example: {
        command: { email: 'alice@example.com', password: 'four unrelated words do' },
        answer: sessionExample,
      },
    },
    'POST /sessions/renewal': {
      summary:
        'A new token for the session, and the secret for the next. A secret that comes a second time ends the session.',
      access: 'anyone',
      body: sessionRenewal,
      answer: session,
      status: 200,
      refusals: ['session_ended'],
      example: {
        command: { session_id: sessionExample.session_id, renewal_secret: sessionExample.renewal_secret },
        answer: { ...sessionExample, renewal_secret: '1.bm90IGEgcmVhbCBzZWNyZXQsIG9ubHkgYW4gZXhhbXBs' },
      },
    },
    'GET /sessions': {
      summary: 'Where somebody is signed in: oneself or, for a teller, anybody.',
      access: 'signed-in',
      query: z.strictObject({ user_id: idParam.optional().describe('For tellers: whose. Without it, your own.') }),
      answer: z.array(signedInSession),
      status: 200,
      example: {
        command: {},
        answer: [
          {
            id: sessionExample.session_id,
            kind: 'web',
            device: 'Firefox on Linux',
            network: '198.51.100.7',
            created_at: '2026-11-23T09:30:00.000Z',
            last_seen_at: '2026-11-23T09:40:00.000Z',
            expires_at: '2026-11-23T10:40:00.000Z',
            ends_at: '2026-11-23T21:30:00.000Z',
            current: true,
          },
        ] satisfies SignedInSession[],
      },
    },
    'DELETE /sessions': {
      summary: 'Signs you out everywhere, here as well.',
      access: 'signed-in',
      setsCookie: true,
      status: 204,
      refusals: ['csrf_refused'],
      example: { command: {} },
    },
    'DELETE /sessions/{id}': {
      summary:
        'Ends one of your sessions; a teller ends anybody’s. Its token is refused everywhere within five seconds.',
      access: 'signed-in',
      setsCookie: true,
      params: z.strictObject({ id: sessionIdSchema }),
      status: 204,
      refusals: ['session_not_found', 'session_ended', 'csrf_refused'],
      example: { command: { id: sessionExample.session_id } },
    },
    'POST /web-sessions': {
      summary: 'Signs a browser in, as POST /sessions does, with the token in a cookie that no script can read.',
      access: 'anyone',
      setsCookie: true,
      body: credentials,
      answer: webSession,
      status: 201,
      refusals: ['invalid_credentials', 'passkey_required', 'too_many_attempts', 'csrf_refused'],
      example: {
        command: { email: 'alice@example.com', password: 'four unrelated words do' },
        answer: webSessionExample,
      },
    },
    'POST /web-sessions/passkey-options': {
      summary:
        'What a browser needs to sign in with a passkey and nothing else; good for five minutes, and for one answer.',
      access: 'anyone',
      answer: requestOptions,
      status: 200,
      example: {
        command: {},
        answer: {
          challenge: 'VGhpcyBpcyBub3QgYSBjaGFsbGVuZ2Ugb2Ygb3Vycy4',
          timeout: 300_000,
          allowCredentials: [],
          userVerification: 'required',
        },
      },
    },
    'POST /web-sessions/passkey': {
      summary: 'Signs a browser in with a passkey, or with the second factor that `passkey_required` asked for.',
      access: 'anyone',
      setsCookie: true,
      body: passkeySignIn,
      answer: webSession,
      status: 201,
      refusals: ['passkey_refused', 'csrf_refused'],
      example: {
        command: {
          response: {
            id: 'kFJ0pYxQ3m5n',
            rawId: 'kFJ0pYxQ3m5n',
            type: 'public-key',
            clientExtensionResults: {},
            response: {
              clientDataJSON: 'eyJ0eXBlIjoid2ViYXV0aG4uZ2V0In0',
              authenticatorData: 'SZYN5YgOjGh0NBcPZHZgW4_krrmihjLHmVzzuoMdl2M',
              signature: 'MEUCIQ',
              userHandle: 'hGV2mB3bQxKd0uQ4mR1s8w',
            },
          },
        },
        answer: webSessionExample,
      },
    },
    'GET /web-sessions/current': {
      summary: 'Who is signed in, or null: a page asks it when it loads, and a cookie that is no good is nobody.',
      access: 'anyone',
      setsCookie: true,
      answer: currentSession,
      status: 200,
      example: { command: {}, answer: { session: webSessionExample, is_renewable: false } },
    },
    'POST /web-sessions/current/renewal': {
      summary:
        'Gives a new token, and the session another hour, but none after its end. Takes the renewal cookie, no token.',
      access: 'anyone',
      setsCookie: true,
      body: webSessionRenewal,
      answer: webSession,
      status: 200,
      refusals: ['session_ended', 'csrf_refused'],
      example: { command: {}, answer: webSessionExample },
    },
    'DELETE /web-sessions/current': {
      summary: 'Signs the browser out: its session ends, and its cookies are cleared whether it was still good or not.',
      access: 'anyone',
      setsCookie: true,
      status: 204,
      refusals: ['csrf_refused'],
      example: { command: {} },
    },
    'POST /command-authorities': {
      summary: 'Authorises one command in your name, so that it can be posted to the broker as a CloudEvent.',
      access: 'signed-in',
      body: commandToAuthorize,
      answer: commandAuthority,
      status: 201,
      example: {
        command: {
          type: 'com.microbank.transfer.requested',
          source: '/landlord',
          id: 'rent-2026-12',
          data: { account_id: 1, target_account_id: 2, amount: 950 },
        },
        answer: {
          authority: 'eyJhbGciOiJFZERTQSIsInR5cCI6ImNvbW1hbmQrand0In0.eyJzdWIiOiIxIn0.c2lnbmF0dXJl',
          expires_at: '2026-11-23T10:10:00.000Z',
        } satisfies CommandAuthority,
      },
    },
    'GET /.well-known/ended-sessions.json': {
      summary: 'Sessions that ended before their tokens did: every function asks for it, and refuses their tokens.',
      access: 'anyone',
      answer: endedSessions,
      status: 200,
      freshSeconds: 1,
      example: { command: {}, answer: { sessions: [sessionExample.session_id] } },
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
