// What a Content-Type header says (RFC 9110, section 8.3), however it is written.
import { MIMEType } from 'node:util';

export type MediaType = {
  /** `type/subtype` in lower case. */
  essence: string;
  /** In lower case; undefined when it is not given. */
  charset: string | undefined;
};

/** Undefined for what is no media type. Parameters other than the charset mean nothing here, and a semicolon at the end is nothing. */
export function mediaTypeOf(contentType: string | undefined): MediaType | undefined {
  if (contentType === undefined) return undefined;
  try {
    const { essence, params } = new MIMEType(contentType);
    return { essence, charset: params.get('charset')?.toLowerCase() };
  } catch {
    // Its only error is ERR_INVALID_MIME_SYNTAX.
    return undefined;
  }
}

/** For JSON, the charset is UTF-8 whatever is said of it (RFC 8259, sections 8.1 and 11); who says another means other bytes. */
export function isUtf8Charset({ charset }: MediaType): boolean {
  return charset === undefined || charset === 'utf-8' || charset === 'utf8' || charset === 'us-ascii';
}
