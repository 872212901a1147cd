// XML 1.0 by hand: an element is its name and what is in it, already written. Text and attributes go through `xmlText`, always.

/** Characters that no XML 1.0 document may hold, not even escaped (its section 2.2). Files keep their place. */
const notInXml =
  /[\u0000-\u0008\u000B\u000C\u000E-\u001F\uFFFE\uFFFF]|[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]/g;
const escapes: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

export function xmlText(text: string): string {
  return text.replaceAll(notInXml, '\uFFFD').replaceAll(/[&<>"]/g, (character) => escapes[character] ?? '');
}

/** `<name attributes>children</name>`; children that are undefined are left out, and with no child so is the element. */
export function element(name: string, children: readonly (string | undefined)[], attributes = ''): string | undefined {
  const inside = children.filter((child) => child !== undefined).join('');
  return inside === '' ? undefined : `<${name}${attributes === '' ? '' : ` ${attributes}`}>${inside}</${name}>`;
}

/** An element with text in it; left out when the text is empty. */
export function leaf(name: string, text: string, attributes = ''): string | undefined {
  return element(name, [xmlText(text)], attributes);
}
