// Writes pieces of nginx's configuration language.

/** First line of every rendered file. */
export const writtenBy =
  '# Written by platform/edge/render.ts (`npm run render`) from the contracts of the functions: do not edit.';

/** A quoted word; variables in it are kept. */
export function quote(text: string): string {
  return `"${text.replace(/[\\"]/g, '\\$&')}"`;
}

/** As `quote`, for text of ours that is to stay as it is: nginx has no way to write a dollar sign. */
export function quoteLiteral(text: string): string {
  if (text.includes('$')) throw new Error(`nginx would take a variable out of: ${text}`);
  return quote(text);
}

/** Rows of a `map`, one a line. */
export function map(source: string, target: string, rows: readonly (readonly [key: string, value: string])[]): string {
  return `map ${source} ${target} {\n${rows.map(([key, value]) => `  ${key} ${value};\n`).join('')}}\n`;
}

export function addHeaders(headers: Readonly<Record<string, string>>): string {
  return Object.entries(headers)
    .map(([name, value]) => `add_header ${name} ${quote(value)} always;\n`)
    .join('');
}

/** A location that only nginx itself can send a request to. */
export function place(name: string, body: string): string {
  return `location = /-edge/${name} {\n  internal;\n${indent(body)}}\n`;
}

function indent(text: string): string {
  return text.replace(/^(?=.)/gm, '  ');
}
