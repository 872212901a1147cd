// Tells faults that pass by themselves (a lost connection, a deadlock, a full server) from those that stay.

/** 40001 serialization failure, 40P01 deadlock, 53300 too many connections, 57P03 starting up: nothing was committed. */
const rolledBack = new Set(['40001', '40P01', '53300', '57P03']);
/** 25006: the connection still leads to a server that is now a replica; 40003: the outcome of the commit is unknown. */
const otherTransient = new Set(['25006', '40003']);
/** Never reached the server. */
const notConnected = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH']);
const disconnected = new Set(['ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'ECONNABORTED']);

/** What pg says without any code; its own texts (pg 8.23, lib/client.js and pg-pool's index.js). */
const disconnectedTexts =
  /^(Connection terminated|Client has encountered a connection error|Client was closed|Query read timeout|Cannot use a pool after)/;
const acquireTimeoutText = /^timeout exceeded when trying to connect/;

/**
 * `rolled-back`: certainly had no effect, so anybody may repeat it. `unknown`: may have been committed before the connection
 * was lost, so only work with an idempotency key (or a read) may be repeated. `exhausted`: waiting longer would not help.
 */
export type Transience = 'rolled-back' | 'unknown' | 'exhausted';

export function transienceOf(error: unknown): Transience | undefined {
  if (!(error instanceof Error)) return undefined;
  const code = (error as { code?: unknown }).code;
  if (typeof code === 'string') {
    if (rolledBack.has(code) || notConnected.has(code)) return 'rolled-back';
    // 57014: cancelled by statement_timeout; 53: out of disk, memory or slots.
    if (code === '57014' || /^53\d/.test(code)) return 'exhausted';
    if (otherTransient.has(code) || disconnected.has(code) || /^(08|57P)/.test(code)) return 'unknown';
  }
  if (acquireTimeoutText.test(error.message)) return 'exhausted';
  if (disconnectedTexts.test(error.message)) return 'unknown';
  if (error instanceof AggregateError) return transienceOf(error.errors[0]);
  return undefined;
}
