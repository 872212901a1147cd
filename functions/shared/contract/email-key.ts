// When two e-mail addresses are one. Browsers may import this file.

/**
 * The same address however A to Z are capitalised. Other letters are left as they are: lower-casing them differs between JavaScript, the
 * locales of PostgreSQL and versions of Unicode, and whoever finds a difference is counted as two. The database has the same rule, in
 * bank_user.email_key: `lower(email COLLATE "C")`.
 */
export function emailKey(email: string): string {
  return withAsciiDomain(email).replace(/[A-Z]/g, (letter) => letter.toLowerCase());
}

/**
 * A domain in another script by its A-labels, as which it is kept: `alice@bücher.example` is `alice@xn--bcher-kva.example` (UTS 46, as
 * browsers and Node have it in URLs). What is no domain stays as it is, for the schema to refuse.
 */
export function withAsciiDomain(email: string): string {
  const at = email.lastIndexOf('@');
  const domain = email.slice(at + 1);
  // Also what would be another part of an address: a path, a port, an escape.
  if (at < 0 || /^[\u0021-\u007e]*$/.test(domain) || /[\s/?#:\\%[\]]/.test(domain)) return email;
  const address = `http://${domain}`;
  return URL.canParse(address) ? email.slice(0, at + 1) + new URL(address).hostname : email;
}
