/** So many random bytes, two digits each; on every page, since crypto.randomUUID() exists only over https and on localhost. */
export function randomHex(bytes: number): string {
  return [...crypto.getRandomValues(new Uint8Array(bytes))].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}
