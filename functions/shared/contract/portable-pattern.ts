// Patterns as every engine reads them: the tokens that JSON Schema recommends (Core 2020-12, section 6.4), and no others.
import * as z from 'zod';

/** Handed to z.toJSONSchema() as `override`: patterns that every engine reads, and none where a format says as much. */
export function portable({
  zodSchema,
  jsonSchema,
}: {
  zodSchema: z.core.$ZodType;
  jsonSchema: z.core.JSONSchema.BaseSchema;
}): void {
  if (jsonSchema.pattern === undefined) return;
  const own = ownPattern(zodSchema);
  // `format` says it; the pattern behind it, of zod itself, is half a page. What a schema says besides is in its meta().
  if (jsonSchema.format !== undefined && own === undefined) delete jsonSchema.pattern;
  else jsonSchema.pattern = portablePattern(own ?? jsonSchema.pattern);
}

/** What its meta() says; of an optional, nullable or defaulted one, that of the schema inside. */
function ownPattern(schema: z.core.$ZodType): string | undefined {
  const { innerType } = schema._zod.def as { innerType?: z.core.$ZodType };
  const own = z.globalRegistry.get(schema)?.['pattern'];
  return typeof own === 'string' ? own : innerType && ownPattern(innerType);
}

/** Characters that mean something in a pattern: outside a class they are written as a class of one. */
const syntax = new Set('$.*+?()[]{}|'.split(''));
const shorthands = new Map([
  ['d', '0-9'],
  ['w', 'A-Za-z0-9_'],
]);

/**
 * The same pattern without shorthands, escapes and groups of JavaScript's own: `^\d{3}(?:\.\d)?$` is `^[0-9]{3}([.][0-9])?$`. Characters that were
 * escaped by number are written as themselves. Throws for what has no such form, e.g. `\p{L}` or a lookahead: write the pattern otherwise, or
 * check it outside the schema.
 */
export function portablePattern(source: string): string {
  let portable = '';
  for (let at = 0; at < source.length;) {
    const [token] = nextToken.exec(source.slice(at)) as RegExpExecArray;
    portable += rewrite(token, source);
    at += token.length;
  }
  return portable;
}

/** A class, an escape, the beginning of a special group, or one character. */
const nextToken =
  /^(?:\[(?:\\[\s\S]|[^\]\\])*\]|\\u[\da-fA-F]{4}|\\x[\da-fA-F]{2}|\\[\s\S]|\(\?(?:<?[=!]|[:<])?|[\s\S])/;

function rewrite(token: string, source: string): string {
  if (token === '(?:') return '(';
  if (token.startsWith('(?')) throw unportable(token, source);
  if (token.length > 1 && token.startsWith('['))
    return token.replace(/\\(?:u[\da-fA-F]{4}|x[\da-fA-F]{2}|[\s\S])/g, (escape) => inClass(escape, source));
  if (!token.startsWith('\\')) return token;
  const escaped = token.slice(1);
  if (escaped === '^' || escaped === '\\') return token;
  if (shorthands.has(escaped) || syntax.has(escaped)) return `[${inClass(token, source)}]`;
  return escaped === '-' ? '-' : inClass(token, source);
}

function inClass(escape: string, source: string): string {
  if (/^\\[ux]./.test(escape)) return String.fromCharCode(parseInt(escape.slice(2), 16));
  const character = escape.slice(1);
  const shorthand = shorthands.get(character);
  if (shorthand !== undefined) return shorthand;
  if (/[A-Za-z0-9]/.test(character)) throw unportable(escape, source);
  // Of these a class needs the backslash.
  return '\\]^-'.includes(character) ? escape : character;
}

function unportable(token: string, source: string): Error {
  return new Error(`the pattern ${source} has ${token}, which not every reader of a JSON Schema understands`);
}
