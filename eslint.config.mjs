import vm from 'node:vm';
import eslint from '@eslint/js';
import { defineConfig } from 'eslint/config';
import tseslint from 'typescript-eslint';

// What Node.js adds to the language. (A fresh context of V8 has a console, too.)
const language = new Set(vm.runInNewContext('Object.getOwnPropertyNames(globalThis)'));
const nodeGlobals = [
  ...Object.getOwnPropertyNames(globalThis).filter((name) => !language.has(name)),
  'console',
];

const noNodeGlobalsBut = (...allowed) => [
  'error',
  {
    globals: nodeGlobals
      .filter((name) => !allowed.includes(name))
      .map((name) => ({
        name,
        message: 'Domain and application know no Node.js: ask for it through a port.',
      })),
    checkGlobalObject: true,
  },
];
const PORTABLE = ['AbortController', 'AbortSignal', 'DOMException', 'TextEncoder'];
const TIMERS = ['setTimeout', 'clearTimeout'];

export default defineConfig(
  {
    ignores: [
      'src/adapters/exposition/engine/assembly',
      'dist',
      'coverage',
      '.cache',
      'node_modules',
      'deploy',
      '**/*.mjs',
      '**/*.js',
      '**/*.cjs',
    ],
  },
  eslint.configs.recommended,
  tseslint.configs.strictTypeChecked,
  tseslint.configs.stylisticTypeChecked,
  {
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/consistent-type-definitions': ['error', 'interface'],
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      '@typescript-eslint/explicit-module-boundary-types': 'error',
      'no-restricted-syntax': [
        'error',
        { selector: 'ExportDefaultDeclaration', message: 'Export by name.' },
        { selector: 'TSEnumDeclaration', message: 'Use a union of literals.' },
      ],
    },
  },
  { files: ['src/domain/**'], rules: { 'no-restricted-globals': noNodeGlobalsBut(...PORTABLE) } },
  {
    files: ['src/application/**'],
    rules: { 'no-restricted-globals': noNodeGlobalsBut(...PORTABLE, ...TIMERS) },
  },
  { files: ['*.config.ts'], rules: { 'no-restricted-syntax': 'off' } },
  {
    // Tests say what they expect of values whose shape they made themselves.
    files: ['test/**'],
    rules: { '@typescript-eslint/no-non-null-assertion': 'off' },
  },
);
