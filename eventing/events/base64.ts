// Base64 as RFC 4648 has it, to the letter: Buffer.from skips what is no Base64, and makes other bytes of it.

/** Undefined for anything but the standard alphabet with its padding (RFC 4648, 3.2, 3.3 and 3.5): no two texts are the same bytes. */
export function decodeBase64(text: string): Buffer | undefined {
  const bytes = Buffer.from(text, 'base64');
  return bytes.toString('base64') === text ? bytes : undefined;
}
