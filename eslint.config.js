// Lint rules: type-checked correctness. The borders between folders: .dependency-cruiser.mjs.
import prettier from 'eslint-config-prettier';
import regexp from 'eslint-plugin-regexp';
import svelte from 'eslint-plugin-svelte';
import { defineConfig } from 'eslint/config';
import tseslint from 'typescript-eslint';

const staticStyle = {
  selector: 'SvelteAttribute[key.name="style"]',
  message: 'The content security policy refuses style attributes; use a class, or `style:name={…}`.',
};

// dependency-cruiser reads components without their types, so what they import as a type has its borders here.
const serverOfWeb = {
  regex:
    '^node:|(^|/)(eventing|platform|observability)/|functions/(?!([\\w-]+/contract|shared/contract/[\\w-]+)\\.ts$)',
  message: 'Of the server, pages import contracts and functions/shared/contract only.',
};
const typeOfComponent = {
  selector: 'ImportDeclaration[importKind="type"][source.value=/\\.svelte$/]',
  message: 'A component exports no type; what two files need stands in a .ts file beside.',
};
/** For components of a room that stands on these others. */
const standsOn = (rooms) => {
  const otherRoom = {
    regex: `^(\\.\\./)+(?!\\.|functions/|(${rooms.join('|')})/)[^/]+/`,
    message: `This room uses ${rooms.join(', ')} only: what two areas show goes into web/src/shared, what knows nothing of the bank into web/src/kit.`,
  };
  return { 'no-restricted-imports': ['error', { patterns: [serverOfWeb, otherRoom] }] };
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
  // Where other people's text is read, no expression takes more than linear time: neither by going back, nor by beginning anew at
  // each character. What tests and tools match, they or their own programs have written.
  {
    files: ['{functions,eventing,web/src}/**/*.{ts,svelte}', 'platform/local/{gateway,serve-pages}.ts'],
    ignores: ['**/*.{test,spec}.ts', '**/testing/**', '**/tests/**'],
    plugins: { regexp },
    rules: {
      'regexp/no-super-linear-backtracking': ['error', { report: 'potential' }],
      'regexp/no-super-linear-move': ['error', { report: 'potential', ignorePartial: false }],
    },
  },
  {
    files: ['web/src/**/*.{ts,svelte}'],
    extends: [svelte.configs.recommended, svelte.configs.prettier],
    rules: {
      'no-restricted-syntax': ['error', staticStyle, typeOfComponent],
      // Beside other snippets, such as what shows while it loads, `children` by its name is easier to read.
      'svelte/no-useless-children-snippet': 'off',
    },
  },
  { files: ['web/src/App.svelte'], rules: { 'no-restricted-imports': ['error', { patterns: [serverOfWeb] }] } },
  { files: ['web/src/*/*.svelte'], rules: standsOn(['shared', 'app', 'kit', 'words']) },
  { files: ['web/src/app/**/*.svelte'], rules: standsOn(['kit', 'words']) },
  { files: ['web/src/kit/**/*.svelte'], rules: standsOn(['words']) },
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
    files: [
      'platform/**/*.ts',
      '**/main.ts',
      'observability/pictures/draw.ts',
      '**/testing/*.ts',
      '**/*.{test,spec}.ts',
      '**/*.config.ts',
    ],
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
