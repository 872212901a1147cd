// Lint rules: type-checked correctness, and the folder borders of this repository.
import prettier from 'eslint-config-prettier';
import { defineConfig } from 'eslint/config';
import tseslint from 'typescript-eslint';

const anotherOperation = {
  regex: '^\\.\\./(?!shared/|\\.\\./)',
  message: 'An operation never imports another operation; what two need lives in functions/shared.',
};
const brokerOfOperation = {
  regex: 'eventing/(?!events/|outbox/)',
  message: 'Of eventing/, functions use the event contracts and the outbox only.',
};
const operation = {
  regex: 'functions/(?!shared/)',
  message: 'Nothing outside functions/ imports an operation; functions are reached over HTTP.',
};

export default defineConfig(
  { ignores: ['node_modules/', 'dist/', 'coverage/', '.microbank/', 'web/'] },
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.strictTypeChecked, prettier],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
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
    files: ['functions/*/*.ts'],
    rules: { 'no-restricted-imports': ['error', { patterns: [anotherOperation, brokerOfOperation] }] },
  },
  {
    files: ['functions/post-transaction/*.ts'],
    rules: { 'no-restricted-imports': ['error', { patterns: [brokerOfOperation] }] },
  },
  { files: ['eventing/**/*.ts'], rules: { 'no-restricted-imports': ['error', { patterns: [operation] }] } },
  // A program's own output, and the variables that it is started with.
  {
    files: ['platform/**/*.ts', '**/main.ts', '**/testing/*.ts', '**/*.test.ts', '*.config.ts'],
    rules: { 'no-console': 'off', 'no-restricted-properties': 'off' },
  },
  { files: ['*.config.ts'], rules: { 'no-restricted-exports': 'off' } },
  // Tests read answers whose shape is what they are about.
  {
    files: ['**/*.test.ts', '**/testing/*.ts'],
    rules: {
      'no-restricted-imports': 'off',
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/no-non-null-assertion': 'off',
    },
  },
);
