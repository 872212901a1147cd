// Media types of events and of their data: RFC 9110, 8.3.1.

const token = "[!#$%&'*+.^_`|~0-9A-Za-z-]+";
const quoted = '"(?:[^"\\\\]|\\\\[ -~])*"';
const mediaType = new RegExp(`^${token}/${token}(?:[ \\t]*;(?:[ \\t]*${token}=(?:${token}|${quoted}))?)*$`);

/** With its parameters, in ASCII. */
export function isMediaType(text: string): boolean {
  return /^[ -~\t]*$/.test(text) && mediaType.test(text);
}

/** Without parameters, in small letters. */
export function essenceOf(contentType: string): string {
  return (contentType.split(';', 1)[0] as string).trim().toLowerCase();
}

/** Data of no stated type is JSON (CloudEvents JSON format 1.0.2, 3.1). */
export function isJsonType(contentType: string | undefined): boolean {
  return contentType === undefined || /[/+]json$/.test(essenceOf(contentType));
}

/** True where no other charset is named than JSON has (RFC 8259, 8.1). */
export function isInUtf8(contentType: string): boolean {
  const [, charset] = /;[ \t]*charset=("?)([^";\s]+)\1/i.exec(contentType)?.slice(1) ?? [];
  return charset === undefined || /^(utf-?8|us-ascii)$/i.test(charset);
}
