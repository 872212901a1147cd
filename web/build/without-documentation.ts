// Leaves out of the pages what contracts say to readers of the API's description: summaries, examples, and descriptions of fields.
import type { Plugin } from 'vite';

/** Of the syntax tree (ESTree), as far as it matters here. */
type Node = { type: string; start: number; end: number; [field: string]: unknown };
type Edit = { start: number; end: number; text: string };

const contracts = /\/functions\/(?:[^/]+\/contract|shared\/contract\/[^/]+)\.ts$/;

/** No browser reads them, and they are half of what a contract weighs. */
export function withoutDocumentation(): Plugin {
  return {
    name: 'without-documentation',
    apply: 'build',
    transform(code, id) {
      if (!contracts.test(id)) return undefined;
      // Types are gone by now: this is a script, which can be parsed as one.
      const edits: Edit[] = [];
      collect(this.parse(code), edits);
      return { code: applied(edits, code), map: null };
    },
  };
}

/** Edits don't overlap: what is left out is not looked into. */
function collect(value: unknown, edits: Edit[]): void {
  if (Array.isArray(value)) {
    for (const item of value) collect(item, edits);
  }
  if (!isNode(value)) return;
  const described = describedBy(value);
  if (described) {
    edits.push({ start: described.end, end: value.end, text: '' });
    collect(described, edits);
  } else if (isDocumentation(value)) {
    edits.push({ start: (value['value'] as Node).start, end: value.end, text: 'undefined' });
  } else {
    for (const part of Object.values(value)) collect(part, edits);
  }
}

/** `schema` of `schema.describe('…')` and of `schema.meta({ … })`. */
function describedBy({ type, callee }: Node): Node | undefined {
  if (type !== 'CallExpression' || !isNode(callee) || callee.type !== 'MemberExpression') return undefined;
  const { object, property } = callee;
  const isDescription = isNode(property) && ['describe', 'meta'].includes(String(property['name']));
  return isDescription && isNode(object) ? object : undefined;
}

/** A route's summary or example; a field of such a name has a schema, which is a call. */
function isDocumentation({ type, key, value }: Node): boolean {
  if (type !== 'Property' || !isNode(key) || !isNode(value)) return false;
  const literals = ['Literal', 'TemplateLiteral', 'BinaryExpression', 'ObjectExpression'];
  return ['summary', 'example'].includes(String(key['name'])) && literals.includes(value.type);
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && typeof (value as Node).type === 'string';
}

/** From the end, so that what comes before an edit stays where it is. */
function applied(edits: readonly Edit[], code: string): string {
  return [...edits]
    .sort((one, other) => other.start - one.start)
    .reduce((left, { start, end, text }) => left.slice(0, start) + text + left.slice(end), code);
}
