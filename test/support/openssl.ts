import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

export interface KeyPair {
  readonly cert: string;
  readonly key: string;
}

/** A certificate authority whose files, made by the openssl program, lie in one folder. */
export class TestAuthority {
  readonly cert: string;
  readonly #key: string;
  readonly #folder: string;
  #serial = 0;

  constructor(folder: string, name = 'ca') {
    this.#folder = folder;
    this.cert = join(folder, `${name}.crt`);
    this.#key = join(folder, `${name}.key`);
    run('req', '-x509', ...newKey(this.#key), '-out', this.cert, '-days', '30', '-subj', `/CN=${name}`);
  }

  /** Makes `<name>.crt` and `<name>.key`. */
  issue(name: string, subjectAltName: string, usage: 'serverAuth' | 'clientAuth'): KeyPair {
    const base = join(this.#folder, name);
    const pair = { cert: `${base}.crt`, key: `${base}.key` };
    const request = `${base}.csr`;
    const extensions = `${base}.ext`;
    run('req', ...newKey(pair.key), '-out', request, '-subj', `/CN=${name}`);
    writeFileSync(extensions, `subjectAltName=${subjectAltName}\nextendedKeyUsage=${usage}\n`);
    this.#serial += 1;
    const signing = [
      '-CA',
      this.cert,
      '-CAkey',
      this.#key,
      '-set_serial',
      String(this.#serial),
      '-days',
      '30',
    ];
    run('x509', '-req', '-in', request, ...signing, '-extfile', extensions, '-out', pair.cert);
    return pair;
  }
}

function newKey(file: string): readonly string[] {
  return ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-keyout', file];
}

function run(...args: readonly string[]): void {
  execFileSync('openssl', args, { stdio: ['ignore', 'ignore', 'pipe'] });
}
