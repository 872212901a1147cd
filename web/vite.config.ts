// How the pages are built: Svelte into static files that any web server can serve. Run by build/build-web.ts and `npm run dev`.
import { svelte } from '@sveltejs/vite-plugin-svelte';
import { globSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import { defineConfig } from 'vite';
import { chunkFileNames } from './build/chunk-file-names.ts';
import { leanZod } from './build/lean-zod.ts';
import { neverServed } from './build/never-served.ts';
import { withoutDocumentation } from './build/without-documentation.ts';

const checkout = join(import.meta.dirname, '..');
const packages = join(checkout, 'node_modules');
const contracts = globSync('functions/{shared/contract,*/contract.ts}', { cwd: checkout }).map((name) =>
  join(checkout, name),
);

export default defineConfig({
  root: import.meta.dirname,
  plugins: [leanZod(), withoutDocumentation(), svelte()],
  // For `npm run dev`, where platform/local/development-files.ts says the same once more.
  server: {
    // No other origin has a use for sources; Vite's own list takes every program on this machine.
    cors: false,
    fs: {
      allow: [join(import.meta.dirname, 'src'), packages, realpathSync(packages), ...contracts],
      deny: neverServed,
    },
  },
  build: {
    target: 'baseline-widely-available',
    // Inlined fonts and icons would need `data:` in the content security policy, and could not be cached by themselves.
    assetsInlineLimit: 0,
    // Swagger UI alone, in kB; what a first visit loads is measured by build/measure-initial.ts.
    chunkSizeWarningLimit: 1_600,
    // Every browser of that target preloads modules by itself.
    modulePreload: { polyfill: false },
    rolldownOptions: {
      // The application, and the API's documentation apart from it.
      input: ['index.html', 'docs.html'].map((page) => join(import.meta.dirname, page)),
      output: {
        chunkFileNames,
        // What most pages share comes in one piece: twenty small files compress worse, and are asked for one by one. Not dialogs, which many
        // things open, but nobody needs before they do.
        codeSplitting: {
          groups: [{ name: 'parts', test: /\/web\/src\/(?!.*Dialog\.svelte)|\/@lucide\//, minShareCount: 7 }],
        },
      },
    },
    manifest: true,
    emptyOutDir: true,
  },
});
