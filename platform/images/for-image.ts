// What a bundle can't do as the sources do it: look into folders for functions, change how a module is resolved, and load CommonJS in its turn.
import { join } from 'node:path';
import type { Plugin } from 'vite';
import { domainStub } from '../../functions/shared/serving/without-domain.ts';

const stubId = '\0without-domain.cjs';

/** `names`: the functions that the image has. */
export function forImage(checkout: string, names: readonly string[]): Plugin {
  const serving = join(checkout, 'functions/shared');
  return {
    name: 'microbank:for-image',
    enforce: 'pre',
    resolveId(asked, importer) {
      return asked === 'domain' && importer?.includes('/@google-cloud/functions-framework/') ? stubId : null;
    },
    load(id) {
      if (id === stubId) return domainStub;
      if (id === join(serving, 'serving/without-domain.ts')) return 'export {}';
      if (id === join(serving, 'process/function-modules.ts')) return listOf(names);
      return null;
    },
    transform(code, id) {
      // It refuses to load before this polyfill. The passkeys' packages load that first, but as CommonJS, which a bundle loads where its
      // importer stands: too late. (`strictExecutionOrder`, which mends any such case, costs each cold start 10 ms of CPU in 150.)
      return /\/tsyringe\/dist\/\w+\/index\.js$/.test(id) ? `import 'reflect-metadata';\n${code}` : null;
    },
  };
}

/** In place of function-modules.ts. Each import stays one: a process loads the parts of its own function only. */
function listOf(names: readonly string[]): string {
  const entries = names.map((name) => `${JSON.stringify(name)}: () => import('../../${name}/${name}.ts'),`);
  return `const functions = {\n${entries.join('\n')}\n};
export const functionNames = async () => Object.keys(functions);
export const importFunction = async (name) => Object.hasOwn(functions, name) ? functions[name]() : undefined;`;
}
