// Keys that nobody else makes, on every page that this may be served as.
import { randomHex } from '../random-hex.ts';

/** Version 4 (RFC 9562); of the variant's digit only the two bits that say which, so that 120 bits are random. */
export function randomUuid(): string {
  const hex = randomHex(16);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20)}`;
}
