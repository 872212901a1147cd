// A trace begins in the browser: each try of one request, and all that the bank does for it, has the same trace id.
import { randomHex } from './random-hex.ts';

/** The header `traceparent`, version 00, to be recorded: https://www.w3.org/TR/trace-context-1/#traceparent-header. */
export function beginTrace(): string {
  return `00-${randomHex(16)}-${randomHex(8)}-01`;
}
