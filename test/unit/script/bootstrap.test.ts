import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const SCRIPTS = join(import.meta.dirname, '../../../script');
const SYSTEM_PROGRAMS = ['bash', 'dirname', 'env', 'find', 'grep', 'id', 'uname'];

/** A checkout with nothing but the scripts, on a machine with nothing but a few programs. */
class Machine implements Disposable {
  readonly #root = mkdtempSync(join(tmpdir(), 'machine-'));

  constructor() {
    mkdirSync(join(this.#root, 'bin'));
    mkdirSync(join(this.#root, 'src/adapters/exposition/engine/assembly'), { recursive: true });
    cpSync(SCRIPTS, join(this.#root, 'script'), { recursive: true });
    for (const program of SYSTEM_PROGRAMS) {
      const { stdout } = spawnSync('sh', ['-c', `command -v ${program}`], { encoding: 'utf8' });
      symlinkSync(stdout.trim(), join(this.#root, 'bin', program));
    }
    writeFileSync(
      join(this.#root, 'package-lock.json'),
      JSON.stringify({
        packages: { '': {}, 'node_modules/a': { version: '1.0.0' }, 'node_modules/b': { optional: true } },
      }),
    );
  }

  addProgram(name: string, script: string, folder = 'bin'): void {
    const path = join(this.#root, folder, name);
    mkdirSync(join(path, '..'), { recursive: true });
    writeFileSync(path, `#!/usr/bin/env bash\n${script}\n`);
    chmodSync(path, 0o755);
  }

  /** What `npm ci` leaves behind, with that Node.js. */
  install(nodeVersion: string): void {
    this.addProgram('node', `echo ${nodeVersion}`, 'node_modules/.bin');
    copyFileSync(join(this.#root, 'package-lock.json'), join(this.#root, 'node_modules/.package-lock.json'));
  }

  /** Newer than its source, or older. */
  buildEngine(ageSeconds: number): void {
    const path = join(this.#root, 'src/adapters/exposition/engine/line-engine.wasm');
    writeFileSync(path, '');
    const time = Date.now() / 1000 - ageSeconds;
    utimesSync(path, time, time);
  }

  addRealNode(): void {
    symlinkSync(process.execPath, join(this.#root, 'bin/node'));
  }

  /** What install-packages reads. */
  listPackages(text: string): void {
    writeFileSync(join(this.#root, 'script/lib/packages'), text);
  }

  run(script: string, ...args: string[]): { status: number | null; output: string } {
    const path = join(this.#root, 'script', script);
    const env = { PATH: join(this.#root, 'bin') };
    const { status, stdout, stderr } = spawnSync(path, args, { encoding: 'utf8', env });
    return { status, output: stdout + stderr };
  }

  [Symbol.dispose](): void {
    rmSync(this.#root, { recursive: true });
  }
}

describe('script/bootstrap', () => {
  it('says what to install where there is no Node.js at all', () => {
    using machine = new Machine();
    const { status, output } = machine.run('bootstrap');
    expect(status).toBe(1);
    expect(output).toMatch(/^script\/bootstrap: no Node\.js and npm found: install them/);
  });

  it('installs the packages once', () => {
    using machine = new Machine();
    machine.addRealNode();
    machine.addProgram('npm', 'echo "npm $1 ran"');
    machine.install('v24.1.0');
    machine.buildEngine(-1);
    expect(machine.run('bootstrap')).toEqual({ status: 0, output: '' });
  });

  it.each<[string, number | undefined]>([
    ['missing', undefined],
    ['older than its source', 60],
  ])('builds the engine that is %s', (_, ageSeconds) => {
    using machine = new Machine();
    machine.addRealNode();
    machine.addProgram('npm', 'echo "npm $*"');
    machine.install('v24.1.0');
    if (ageSeconds !== undefined) machine.buildEngine(ageSeconds);
    expect(machine.run('bootstrap')).toEqual({ status: 0, output: 'npm run --silent build:engine\n' });
  });

  it.each(['v20.20.2', ''])('fails where npm brought no Node.js 24 but "%s"', (version) => {
    using machine = new Machine();
    machine.addRealNode();
    machine.addProgram('npm', 'echo "npm $1 ran"');
    machine.install(version);
    const { status, output } = machine.run('bootstrap');
    expect(status).toBe(1);
    expect(output).toContain('npm ci ran');
    expect(output).toContain('npm installed no Node.js 24 for this machine');
  });
});

describe('install-packages', () => {
  const LIST =
    '# a comment\none bash bash\none grep grep\ntwo python3:no_such_module its-module\ntwo no-such-program its-package\n';

  it('does nothing where nothing is missing', () => {
    using machine = new Machine();
    machine.listPackages(LIST);
    expect(machine.run('lib/install-packages', 'one')).toEqual({ status: 0, output: '' });
  });

  it('names the packages that it can not install', () => {
    using machine = new Machine();
    machine.listPackages(LIST);
    const { status, output } = machine.run('lib/install-packages', 'one', 'two');
    expect(status).toBe(1);
    expect(output).toContain('not found on this machine: its-module its-package (names of Debian packages)');
  });
});
