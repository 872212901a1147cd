// Signs a user in. Next in the story: functions/shared/access/check-token.ts, which verifies the token on every other call.
import type { Kysely } from 'kysely';
import type { JWK } from 'jose';
import { retrying } from '../shared/database/pool.ts';
import { Refusal } from '../shared/contract/errors.ts';
import { defineFunction } from '../shared/process/define-function.ts';
import type { User } from '../shared/contract/user.ts';
import { hashPassword, isOutdated, verifyPassword } from '../shared/access/password-hash.ts';
import { toUser, userColumns, type UsersSchema } from '../shared/database/users-schema.ts';
import { cancelAttempt, countAttempt, forgiveAttempt, identifyAttempt, type Attempt } from './attempts.ts';
import { contract, type Credentials, type Session } from './contract.ts';
import { issueToken, publicKeys, type IssuedToken, type TokenSettings } from './tokens.ts';
import { beginSession, currentSession, endSession, renewSession } from './web-session.ts';

export const signInFunction = defineFunction(contract, ({ config, users, now }) => {
  // Looked at here, so that a missing or unusable key shows when the function starts.
  const signingKey = requireKey(config.signingKey);
  const keys = publicKeys(signingKey);
  const settings = { signingKey, issuer: config.jwtIssuer, audience: config.jwtAudience };
  return {
    routes: {
      'POST /sessions': async (command, { address }) => {
        const at = now();
        return showToken(await issueToken(settings, await signIn(users.db, settings, command, address, at), at));
      },
      'POST /web-sessions': async (command, { address }) => {
        const at = now();
        return beginSession(settings, await signIn(users.db, settings, command, address, at), at);
      },
      'GET /web-sessions/current': (_nothing, call) => currentSession(users.db, call, now()),
      'POST /web-sessions/current/renewal': (_nothing, call) => renewSession(users.db, settings, call, now()),
      'DELETE /web-sessions/current': () => Promise.resolve(endSession()),
      'GET /.well-known/jwks.json': () => Promise.resolve(keys),
    },
  };
});

/**
 * Returns the user who has this email and password. Everything that can be wrong (no such user, removed, no password, wrong
 * password) is refused as `invalid_credentials`, after the same work. Throws `too_many_attempts` before doing any.
 */
export async function signIn(
  db: Kysely<UsersSchema>,
  settings: TokenSettings,
  { email, password }: Credentials,
  address: string,
  now: Date,
): Promise<User> {
  const attempt = identifyAttempt(settings.signingKey.d ?? '', email, address);
  await retrying(() => countAttempt(db, attempt, now));

  const user = await checkCredentials(db, { email, password }, attempt);
  if (!user) {
    throw new Refusal('invalid_credentials', 401, 'the email address or the password is wrong', {
      headers: { 'www-authenticate': 'Bearer realm="microbank"' },
    });
  }
  await retrying(() => forgiveAttempt(db, attempt));
  return toUser(user);
}

async function checkCredentials(db: Kysely<UsersSchema>, { email, password }: Credentials, attempt: Attempt) {
  try {
    const user = await retrying(() => findByEmail(db, email));
    if (!(await verifyPassword(password, user?.password_hash ?? null))) return undefined;
    if (user?.password_hash && isOutdated(user.password_hash)) await rehash(db, user.id, user.password_hash, password);
    return user;
  } catch (error) {
    // A fault, or too many hashes at once: an overloaded bank must not lock its users out as well.
    await retrying(() => cancelAttempt(db, attempt));
    throw error;
  }
}

async function findByEmail(db: Kysely<UsersSchema>, email: string) {
  return await db
    .selectFrom('bank_user')
    .select([...userColumns, 'password_hash'])
    .where('email_key', '=', (e) => e.fn<string>('lower', [e.val(email)]))
    .where('removed_at', 'is', null)
    .executeTakeFirst();
}

/** Only at sign-in is the password at hand, so this is where hashes follow today's costs. */
async function rehash(db: Kysely<UsersSchema>, id: bigint, outdated: string, password: string): Promise<void> {
  const passwordHash = await hashPassword(password);
  await db
    .updateTable('bank_user')
    .set({ password_hash: passwordHash })
    .where('id', '=', id)
    .where('password_hash', '=', outdated)
    .execute();
}

function showToken({ token, expiresInSeconds }: IssuedToken): Session {
  return { access_token: token, token_type: 'Bearer', expires_in: expiresInSeconds };
}

function requireKey(signingKey: JWK | undefined): JWK {
  if (!signingKey) throw new Error('SIGNING_KEY is missing: sign-in needs the private key that signs tokens');
  return signingKey;
}
