// How a session is named, a UUID, in lower case as PostgreSQL writes it, and why one ends. Browsers may import this file.
import * as z from 'zod';

export const sessionIdFormat = /^[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}$/;

export const sessionIdSchema = z.string().regex(sessionIdFormat, 'must be the id of a session');

/** Why a session ended before its time. */
export type EndReason =
  | 'signed_out'
  /** By its owner, from another session. */
  | 'ended_by_owner'
  | 'ended_by_teller'
  | 'signed_out_everywhere'
  /** Newer ones of the same person took its place. */
  | 'too_many_sessions'
  /** A renewal secret came again after its successor had been used: somebody else has it. */
  | 'renewal_secret_reused'
  | 'user_removed'
  | 'role_changed'
  | 'password_changed'
  /** Somebody tried passwords in it. */
  | 'wrong_passwords'
  | 'password_reset';
