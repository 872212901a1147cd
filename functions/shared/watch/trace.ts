// W3C trace context: the caller's when it is valid, a new one otherwise.
import { randomUUID } from 'node:crypto';

const valid = /^00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}$/;

export function traceparentFrom(header: string | undefined): string {
  if (header !== undefined && valid.test(header)) return header;
  return `00-${hex()}-${hex().slice(0, 16)}-01`;
}

/** A UUID's digits: Node keeps a stock of them, so this costs a tenth of asking for random bytes. */
function hex(): string {
  return randomUUID().replaceAll('-', '');
}
