import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type Docker from 'dockerode';
import { buildFromContext } from '../../script/lib/images.ts';
import { testImage } from './images.ts';

const ROOT = join(import.meta.dirname, '../..');

/** Builds the image of the Dockerfile, as `docker build --network host .` would with the legacy builder. */
export async function buildProductImage(docker: Docker): Promise<string> {
  const name = 'ecs-service-metrics-exporter/test-product:latest';
  const context = spawn('tar', ['-c', '--owner=0', '--group=0', 'Dockerfile', ...contextPaths()], {
    cwd: ROOT,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await buildFromContext(docker, name, context.stdout, {
    // A private engine has no way out of its bridge.
    networkmode: 'host',
    buildargs: { NODE_IMAGE: await testImage('build'), VERSION: '9.8.7-test' },
  });
  return name;
}

/** What .dockerignore lets through: it excludes all and takes single paths back. */
function contextPaths(): string[] {
  const [first, ...taken] = readFileSync(join(ROOT, '.dockerignore'), 'utf8').trim().split('\n');
  if (first !== '*' || !taken.every((line) => /^![\w./-]+$/.test(line))) {
    throw new Error('.dockerignore is read here as "*" and then lines of "!path"');
  }
  return taken.map((line) => line.slice(1));
}
