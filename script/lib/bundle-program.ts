/**
 * Bundles the program into dist, where it replaces the compiled main.js: a file for what is loaded at the start, files for what is
 * loaded later, and one for the bcrypt thread. They load faster and take less memory than hundreds of files. The compiled library
 * in the same folder stays as it is.
 *
 * Leaves out packages that the exporter never calls: those for Docker through ssh and for dockerode's build sessions.
 */
import { copyFileSync } from 'node:fs';
import { build } from 'esbuild';

const NEVER_CALLED = ['ssh2', '@grpc/grpc-js', '@grpc/proto-loader', 'protobufjs'];

await build({
  entryPoints: ['src/main.ts', 'src/adapters/web/auth/bcrypt-worker.ts'],
  outdir: 'dist',
  entryNames: '[name]',
  chunkNames: 'program-[hash]',
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node24',
  minifySyntax: true,
  minifyWhitespace: true,
  legalComments: 'none',
  // For CommonJS packages that require Node.js' own modules.
  banner: {
    js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);",
  },
  plugins: [
    {
      name: 'never-called',
      setup: (bundle) => {
        bundle.onResolve({ filter: new RegExp(`^(?:${NEVER_CALLED.join('|')})$`) }, ({ path }) => ({
          path,
          namespace: 'never-called',
        }));
        bundle.onLoad({ filter: /./, namespace: 'never-called' }, () => ({
          contents: 'module.exports = {};',
        }));
      },
    },
  ],
});
copyFileSync('src/adapters/exposition/engine/line-engine.wasm', 'dist/line-engine.wasm');
