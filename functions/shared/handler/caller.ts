// Who is asking, and what follows from it.

export type Role = 'customer' | 'teller';

/** Who is asking. `anonymous` appears only on routes whose access is `anyone`. */
export type Caller = { role: 'anonymous' } | { role: Role; userId: number };

export function isTeller(caller: Caller): boolean {
  return caller.role === 'teller';
}

/** True for tellers and for the user in question; everybody else gets a 404 from the handler, as if there were nothing. */
export function mayActFor(caller: Caller, userId: number | bigint): boolean {
  return caller.role === 'teller' || (caller.role === 'customer' && caller.userId === Number(userId));
}

/** The id of who signed in; undefined for anonymous callers. */
export function userIdOf(caller: Caller): number | undefined {
  return caller.role === 'anonymous' ? undefined : caller.userId;
}

/** Names the caller in idempotency scopes: one caller's keys never meet another's. */
export function principalOf(caller: Caller): string {
  return caller.role === 'anonymous' ? 'anonymous' : `user:${caller.userId}`;
}
