// Leaves Zod's makers of JSON Schemas out of the pages: 5 KB of each first visit, and no browser ever makes one.
import { readFile } from 'node:fs/promises';
import type { Plugin } from 'vite';

const makers = /\/zod\/v4\/core\/(json-schema-processors|to-json-schema|json-schema-generator)\.js$/;

/** Their exports stay, so that Zod links as before; calling one that a schema carries (`toJSONSchema()`) throws. */
export function withoutJsonSchema(): Plugin {
  return {
    name: 'without-json-schema',
    enforce: 'pre',
    async load(id) {
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
