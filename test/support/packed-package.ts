import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';

import { PROJECT } from './markdown.ts';

/** The package as npm would publish it. */
export interface PackedPackage extends Disposable {
  readonly tarball: string;
  /** Path in the package, and size in bytes. */
  readonly files: ReadonlyMap<string, number>;
}

const NOT_NEEDED = new Set([
  '.cache',
  '.git',
  'bench',
  'coverage',
  'demo',
  'deploy',
  'dist',
  'examples',
  'node_modules',
  'test',
]);

/** Builds and packs a copy of the project: its own dist is used by other tests meanwhile. */
export function packPackage(): PackedPackage {
  const folder = mkdtempSync(join(tmpdir(), 'package-'));
  const copy = join(folder, 'project');
  cpSync(PROJECT, copy, {
    recursive: true,
    filter: (path) => !NOT_NEEDED.has(relative(PROJECT, path)),
  });
  symlinkSync(join(PROJECT, 'node_modules'), join(copy, 'node_modules'));
  run('npm', ['pack', '--silent', '--pack-destination', folder], copy);
  const [name = ''] = readdirSync(folder).filter((file) => file.endsWith('.tgz'));
  const tarball = join(folder, name);
  run('tar', ['-xzf', tarball], folder);
  const root = join(folder, 'package');
  const paths = readdirSync(root, { recursive: true, encoding: 'utf8' });
  const sizes = paths.map((path) => [path, statSync(join(root, path))] as const);
  return {
    tarball,
    files: new Map(sizes.flatMap(([path, stat]) => (stat.isFile() ? [[path, stat.size]] : []))),
    [Symbol.dispose]: () => rmSync(folder, { recursive: true }),
  };
}

/** Makes an empty npm project. */
export function emptyProject(): string {
  const folder = mkdtempSync(join(tmpdir(), 'project-'));
  run('npm', ['init', '-y'], folder);
  return folder;
}

export function npmInstall(folder: string, packages: readonly string[]): void {
  // No package that is used here needs its install script.
  const flags = ['--prefer-offline', '--no-audit', '--no-fund', '--ignore-scripts', '--loglevel=error'];
  run('npm', ['install', ...flags, ...packages], folder);
}

/** `name@version` of packages as this project has them: what is installed for a test is pinned by package-lock.json. */
export function pinned(names: readonly string[]): string[] {
  return names.map((name) => {
    const text = readFileSync(join(PROJECT, 'node_modules', name, 'package.json'), 'utf8');
    return `${name}@${(JSON.parse(text) as { version: string }).version}`;
  });
}

/** Runs a program and returns what it wrote; throws with all of that where it fails. */
export function run(command: string, args: readonly string[], cwd: string): string {
  try {
    return execFileSync(command, args, { cwd, encoding: 'utf8', stdio: 'pipe' });
  } catch (error) {
    const { stdout, stderr } = error as { stdout: string; stderr: string };
    throw new Error(`${command} ${args.join(' ')} failed:\n${stdout}${stderr}`, { cause: error });
  }
}
