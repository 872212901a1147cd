// Runes everywhere: old Svelte syntax does not compile here.
import { vitePreprocess } from '@sveltejs/vite-plugin-svelte';

export default {
  compilerOptions: { runes: ({ filename }) => (filename.includes('node_modules') ? undefined : true) },
  preprocess: vitePreprocess(),
};
