// Lint rules: type-checked correctness. The borders between folders: .dependency-cruiser.mjs.
import prettier from 'eslint-config-prettier';
import svelte from 'eslint-plugin-svelte';
import { defineConfig } from 'eslint/config';
import tseslint from 'typescript-eslint';

const staticStyle = {
  selector: 'SvelteAttribute[key.name="style"]',
  message: 'The content security policy refuses style attributes; use a class, or `style:name={…}`.',
};

export default defineConfig(
  { ignores: ['node_modules/', 'dist/', 'coverage/', '.microbank/', 'web/dist/'] },
  {
    files: ['**/*.ts', 'web/**/*.svelte'],
    extends: [tseslint.configs.strictTypeChecked, prettier],
    languageOptions: {
      parserOptions: {
        projectService: true,
        tsconfigRootDir: import.meta.dirname,
        parser: tseslint.parser,
        extraFileExtensions: ['.svelte'],
      },
    },
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    rules: {
      '@typescript-eslint/consistent-type-imports': [
        'error',
        { fixStyle: 'inline-type-imports', prefer: 'type-imports' },
      ],
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/no-confusing-void-expression': 'off',
      eqeqeq: 'error',
      'no-console': 'error',
      'no-restricted-exports': ['error', { restrictDefaultExports: { direct: true, named: true, defaultFrom: true } }],
      'no-restricted-properties': [
        'error',
        {
          object: 'process',
          property: 'env',
          message: 'Only config.ts and main.ts read the environment; pass a Config on.',
        },
      ],
    },
  },
  {
    files: ['web/src/**/*.{ts,svelte}'],
    extends: [svelte.configs.recommended, svelte.configs.prettier],
    rules: {
      'no-restricted-syntax': ['error', staticStyle],
      // Beside other snippets, such as what shows while it loads, `children` by its name is easier to read.
      'svelte/no-useless-children-snippet': 'off',
    },
  },
  // Types that come from other components are `any` to the linter; svelte-check knows them, and is as strict.
  {
    files: ['web/src/**/*.svelte'],
    rules: Object.fromEntries(
      ['argument', 'assignment', 'call', 'member-access', 'return']
        .map((what) => [`@typescript-eslint/no-unsafe-${what}`, 'off'])
        .concat([['@typescript-eslint/no-redundant-type-constituents', 'off']]),
    ),
  },
  // A program's own output, and the variables that it is started with.
  {
    files: ['platform/**/*.ts', '**/main.ts', '**/testing/*.ts', '**/*.{test,spec}.ts', '**/*.config.ts'],
    rules: { 'no-console': 'off', 'no-restricted-properties': 'off' },
  },
  // What Vite, Vitest and Playwright load by name.
  {
    files: ['**/*.config.ts', 'web/tests/testing/{count-reporter,start-bank}.ts'],
    rules: { 'no-restricted-exports': 'off' },
  },
  // Tests read answers whose shape is what they are about.
  {
    files: ['**/*.test.ts', '**/testing/*.ts'],
    rules: {
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/no-non-null-assertion': 'off',
    },
  },
);
