// Leaves out of the pages what of Zod no browser uses: the makers of JSON Schemas, 5 KB of each first visit, its guard against values that
// hold themselves, which JSON cannot, and its English messages. What is wrong with a field the pages say in their own words.
import { readFile } from 'node:fs/promises';
import type { Plugin } from 'vite';

const makers = /\/zod\/v4\/core\/(json-schema-processors|to-json-schema|json-schema-generator)\.js$/;

const guard = /\/zod\/v4\/core\/memoizer\.js$/;

const messages = /\/zod\/v4\/locales\/en\.js$/;

/** Zod's smaller sibling (`zod/mini`) has no guard either, so it asks everywhere whether there is one. */
const withoutGuard = `
  export const memoizer = () => undefined;
  export const isRecursiveSchema = () => false;
  export const isBackEdge = () => false;
  export class $ZodCyclicError extends Error {}`;

/** Their exports stay, so that Zod links as before; calling one that a schema carries (`toJSONSchema()`) throws. Every message becomes `Invalid input`. */
export function leanZod(): Plugin {
  return {
    name: 'lean-zod',
    enforce: 'pre',
    async load(id) {
      if (messages.test(id)) return 'export default () => ({ localeError: () => undefined });';
      if (guard.test(id)) return withoutGuard;
      if (!makers.test(id)) return undefined;
      const source = await readFile(id, 'utf8');
      const names = [...source.matchAll(/^export (?:const|function|class) (\w+)/gm)].map(([, name]) => name);
      const lists = [...source.matchAll(/^export \{([^}]*)\}/gm)].flatMap(([, list = '']) => list.split(','));
      const all = new Set([...names, ...lists.map((item) => item.trim().split(' as ').at(-1))]);
      const never = `const never = () => () => { throw new Error('JSON Schemas are not made in browsers'); };`;
      return [never, ...[...all].map((name) => `export const ${name} = never;`)].join('\n');
    },
  };
}
