// Signs a user in. Next in the story: functions/shared/access/check-token.ts, which verifies the token on every other call.
import type { Kysely } from 'kysely';
import type { JWK } from 'jose';
import { recordAudit } from '../shared/database/audit.ts';
import { retrying } from '../shared/database/pool.ts';
import { emailKey } from '../shared/contract/email-key.ts';
import { Refusal, sessionEnded } from '../shared/contract/errors.ts';
import { defineFunction } from '../shared/process/define-function.ts';
import type { Call } from '../shared/handler/call.ts';
import { hashPassword, isOutdated, verifyPassword } from '../shared/access/password-hash.ts';
import { passkeyRefused, requireOrigins } from '../shared/credentials/passkey-sites.ts';
import type { UsersSchema } from '../shared/database/users-schema.ts';
import { cancelSignIn, countSignIn, forgiveSignIn, type Attempter, type SignInAttempt } from './attempts.ts';
import { authorizeCommand } from './command-authority.ts';
import { beginSession, type Opened, type Proven, type SessionKind } from './begin-session.ts';
import { contract, type Credentials, type Session, type SessionRenewal } from './contract.ts';
import { createKnownDevices } from './known-device.ts';
import { listEndedSessions } from './list-ended.ts';
import { endAll, endOne, listSessions } from './own-sessions.ts';
import { anyPasskey, provePasskey, requirePasskey } from './passkey-sign-in.ts';
import { renewSession } from './renew-session.ts';
import { parseSecret } from './renewal-secret.ts';
import { publicKeys, type TokenSettings } from './tokens.ts';
import { currentSession, giveToBrowser, renewInBrowser, signOut } from './web-session.ts';

export const signInFunction = defineFunction(contract, ({ config, users, now }) => {
  // Looked at here, so that a missing or unusable key shows when the function starts.
  const signingKey = requireKey(config.signingKey);
  const keys = publicKeys(signingKey);
  const settings = { signingKey, issuer: config.jwtIssuer, audience: config.jwtAudience };
  const passkeys = { secret: signingKey.d ?? '', origins: requireOrigins(config.passkeyOrigins) };
  const devices = createKnownDevices(signingKey.d ?? '');
  const begin = async (kind: SessionKind, command: Credentials, call: Call, at: Date) => {
    const deviceId = devices.find(call.deviceCookie, command.email, at);
    const proven = await signIn(
      users.db,
      settings,
      command,
      { address: call.address, traceparent: call.traceparent, deviceId },
      at,
    );
    await requirePasskey(users.db, passkeys, proven, kind, at);
    const opened = await beginSession(users.db, settings, proven, kind, call, at);
    if (!opened) throw invalidCredentials();
    return opened;
  };
  return {
    routes: {
      'POST /sessions': async (command, call) => showToken(await begin('api', command, call, now())),
      'POST /sessions/renewal': (command, call) => renewForProgram(users.db, settings, command, call, now()),
      'GET /sessions': ({ user_id }, call) => listSessions(users.db, user_id, call, now()),
      'DELETE /sessions': (_nothing, call) => endAll(users.db, call),
      'DELETE /sessions/{id}': ({ id }, call) => endOne(users.db, id, call, now()),
      'POST /web-sessions': async (command, call) => {
        const at = now();
        const answer = giveToBrowser(await begin('web', command, call, at), at);
        return { ...answer, cookies: [...answer.cookies, devices.remember(call.deviceCookie, command.email, at)] };
      },
      'POST /web-sessions/passkey-options': () => Promise.resolve(anyPasskey(passkeys, now())),
      'POST /web-sessions/passkey': async ({ response }, call) => {
        const at = now();
        const proven = await provePasskey(users.db, passkeys, response, call, at);
        const opened = await beginSession(users.db, settings, proven, 'web', call, at);
        if (!opened) throw passkeyRefused('this passkey does not sign in here', 401);
        const answer = giveToBrowser(opened, at);
        return { ...answer, cookies: [...answer.cookies, devices.remember(call.deviceCookie, opened.user.email, at)] };
      },
      'GET /web-sessions/current': (_nothing, call) => currentSession(users.db, settings, call, now()),
      'POST /web-sessions/current/renewal': ({ is_active }, call) =>
        renewInBrowser(users.db, settings, is_active, call, now()),
      'DELETE /web-sessions/current': (_nothing, call) => signOut(users.db, settings, call, now()),
      'POST /command-authorities': (command, call) => authorizeCommand(settings, command, call, now()),
      'GET /.well-known/ended-sessions.json': () => listEndedSessions(users.db),
      'GET /.well-known/jwks.json': () => Promise.resolve(keys),
    },
  };
});

/**
 * Returns who has this email and password, and the hash that it was checked against. Everything that can be wrong (no such user, removed, no password, wrong
 * password) is refused as `invalid_credentials`, after the same work. Throws `too_many_attempts` before doing any.
 */
export async function signIn(
  db: Kysely<UsersSchema>,
  settings: TokenSettings,
  { email, password }: Credentials,
  { traceparent, ...from }: Pick<Attempter, 'address' | 'deviceId'> & Pick<Call, 'traceparent'>,
  now: Date,
): Promise<Proven> {
  const user = await retrying(() => findByEmail(db, email));
  const who = { ...from, email, passwordHash: user?.password_hash ?? null };
  const attempt = await countSignIn(db, settings.signingKey.d ?? '', who, now);

  const proven = await checkPassword(db, user, password, attempt);
  if (!proven) {
    await tellRefused(db, user?.id, traceparent);
    throw invalidCredentials();
  }
  await forgiveSignIn(db, attempt, now);
  return proven;
}

async function checkPassword(
  db: Kysely<UsersSchema>,
  user: Awaited<ReturnType<typeof findByEmail>>,
  password: string,
  attempt: SignInAttempt,
) {
  try {
    const isRight = await verifyPassword(password, user?.password_hash ?? null, attempt.turn);
    if (!isRight || !user?.password_hash) return undefined;
    const { id: userId, password_hash: passwordHash } = user;
    if (!isOutdated(passwordHash)) return { userId, passwordHash };
    return { userId, passwordHash: await rehash(db, userId, passwordHash, password) };
  } catch (error) {
    // A fault, or too many hashes at once: an overloaded bank must not lock its users out as well.
    await cancelSignIn(db, attempt);
    throw error;
  }
}

async function findByEmail(db: Kysely<UsersSchema>, email: string) {
  return await db
    .selectFrom('bank_user')
    .select(['id', 'password_hash'])
    .where('email_key', '=', emailKey(email))
    .where('removed_at', 'is', null)
    .executeTakeFirst();
}

/** Only at sign-in is the password at hand, so this is where hashes follow today's costs. */
async function rehash(db: Kysely<UsersSchema>, id: bigint, outdated: string, password: string): Promise<string> {
  const passwordHash = await hashPassword(password);
  const { numUpdatedRows } = await db
    .updateTable('bank_user')
    .set({ password_hash: passwordHash })
    .where('id', '=', id)
    .where('password_hash', '=', outdated)
    .executeTakeFirst();
  if (numUpdatedRows > 0n) return passwordHash;
  // Another sign-in was faster; or the password was changed, and then this one comes too late.
  const present = await db.selectFrom('bank_user').select('password_hash').where('id', '=', id).executeTakeFirst();
  return (await verifyPassword(password, present?.password_hash ?? null))
    ? (present?.password_hash ?? outdated)
    : outdated;
}

async function renewForProgram(
  db: Kysely<UsersSchema>,
  settings: TokenSettings,
  { session_id, renewal_secret }: SessionRenewal,
  call: Call,
  now: Date,
): Promise<Session> {
  const shown = parseSecret(session_id, renewal_secret);
  if (!shown) throw sessionEnded();
  return showToken(await renewSession(db, settings, shown, { kind: 'api', isActive: true }, call, now));
}

function showToken({ session, secret, issued }: Opened): Session {
  return {
    access_token: issued.token,
    token_type: 'Bearer',
    expires_in: issued.expiresInSeconds,
    session_id: session.id,
    renewal_secret: secret.text,
    ends_at: session.ends_at.toISOString(),
  };
}

/** For an address that nobody has as well, so that both take as long. How many there can be is what attempts are limited to. */
async function tellRefused(db: Kysely<UsersSchema>, userId: bigint | undefined, traceparent: string): Promise<void> {
  const by = { caller: { role: 'anonymous' as const }, sessionId: undefined, traceparent };
  await retrying(() => recordAudit(db, { act: 'session.refused', subject: `users/${userId ?? 'unknown'}` }, by));
}

function invalidCredentials(): Refusal {
  return new Refusal('invalid_credentials', 401, 'the email address or the password is wrong', {
    headers: { 'www-authenticate': 'Bearer realm="microbank"' },
  });
}

function requireKey(signingKey: JWK | undefined): JWK {
  if (!signingKey) throw new Error('SIGNING_KEY is missing: sign-in needs the private key that signs tokens');
  return signingKey;
}
