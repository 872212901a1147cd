// Whether somebody may use a route at all; whose things they may see there is for its handler to say.
import type { Access } from '../contract/function.ts';
import { Refusal } from '../contract/errors.ts';
import type { Caller } from '../handler/caller.ts';

/** Throws 401 when a route needs somebody and nobody is signed in, 403 when it needs a teller. */
export function requireAccess(access: Access, caller: Caller) {
  if (access === 'anyone') return;
  if (caller.role === 'anonymous') {
    throw new Refusal(
      'unauthenticated',
      401,
      'this needs a bearer token from POST /sessions, or the session cookie from POST /web-sessions',
      {
        headers: { 'www-authenticate': 'Bearer realm="microbank"' },
      },
    );
  }
  if (access === 'teller' && caller.role !== 'teller') throw new Refusal('forbidden', 403, 'only a teller may do this');
}
