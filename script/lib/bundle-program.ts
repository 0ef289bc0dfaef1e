/**
 * Bundles the program into dist, over the compiled main.js: what it needs at once, what it loads later, and its bcrypt thread.
 * That loads faster and takes less memory than hundreds of files. The library beside it stays as it was compiled.
 *
 * Left out is what the exporter never calls: Docker through ssh, and the build sessions of dockerode.
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
  // Packages in CommonJS that require Node.js' own modules.
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
