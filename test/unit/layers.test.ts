import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { PROJECT } from '../support/markdown.ts';

const CONFIG = join(PROJECT, '.dependency-cruiser.mjs');

/** Imports of files, packages or nothing, each of which breaks one rule of the configuration. */
const FORBIDDEN: readonly (readonly [rule: string, from: string, to: string])[] = [
  ['no-circular', 'src/domain/egg.ts', 'src/domain/hen.ts'],
  ['not-resolvable', 'src/infrastructure/lost.ts', 'src/infrastructure/nowhere.ts'],
  ['domain-imports-only-domain', 'src/domain/flow.ts', 'src/application/other.ts'],
  ['domain-imports-only-domain', 'src/domain/node.ts', 'node:path'],
  ['domain-imports-only-domain', 'src/domain/package.ts', 'winston'],
  ['application-imports-domain', 'src/application/adapter.ts', 'src/adapters/http/other.ts'],
  ['application-imports-domain', 'src/application/node.ts', 'node:path'],
  ['adapters-import-no-infrastructure', 'src/adapters/http/settings.ts', 'src/infrastructure/other.ts'],
  ['adapters-import-no-other-adapter', 'src/adapters/http/file.ts', 'src/adapters/file/other.ts'],
  ['inversify-in-the-container-only', 'src/infrastructure/serve.ts', 'inversify'],
  ['inversify-in-the-container-only', 'src/adapters/http/injected.ts', 'reflect-metadata'],
  ['entries-import-infrastructure-only', 'src/main.ts', 'src/adapters/http/other.ts'],
  ['entries-import-infrastructure-only', 'src/index.ts', 'src/domain/other.ts'],
  ['nothing-outside-the-four-layers', 'src/helpers/sort.ts', 'src/domain/other.ts'],

  // In http mode nothing but GET /containers/json is sent: discovery has neither execs nor the package to start them with.
  ['adapters/docker/discovery', 'src/adapters/docker/discovery/exec.ts', 'src/adapters/docker/exec/other.ts'],
  [
    'adapters/docker/discovery',
    'src/adapters/docker/discovery/run.ts',
    'src/adapters/docker/exec/run/other.ts',
  ],
  ['dockerode-in-the-connection-only', 'src/adapters/docker/discovery/dockerode.ts', 'dockerode'],
  ['dockerode-in-the-connection-only', 'src/adapters/docker/exec/dockerode.ts', 'dockerode'],
  ['dockerode-in-the-connection-only', 'src/infrastructure/dockerode.ts', 'dockerode'],

  ['exposition-has-two-doors', 'src/infrastructure/merge.ts', 'src/adapters/exposition/merging/other.ts'],

  ...rooms('domain', {
    '.': 'targets',
    targets: 'fetching',
    fetching: 'exposition',
    exposition: 'reporting',
    reporting: 'a-new-room',
  }),
  ...rooms('application', { fetching: '.', '.': 'a-new-room' }),
  ...rooms('adapters/docker', {
    connection: 'discovery',
    exec: 'discovery',
    'exec/run': 'exec/clients',
    'exec/clients': 'exec/session',
    'exec/session': 'exec',
    'task-metadata': 'discovery',
    guard: 'exec',
  }),
  ...rooms('adapters/exposition', {
    bodies: 'engine',
    engine: 'samples',
    samples: 'reading',
    reading: 'merging',
    merging: 'reading',
    writing: 'reading',
  }),
  ...rooms('adapters/koa', { answers: 'pages', pages: '.', '.': 'a-new-room' }),
  ...rooms('adapters/web', { auth: 'config', config: 'auth', '.': 'a-new-room' }),
];

/** Of each room, an import from another one that it must not know. */
function rooms(folder: string, forbidden: Readonly<Record<string, string>>): [string, string, string][] {
  return Object.entries(forbidden).map(([room, other]) => [
    `${folder}/${room}`,
    join('src', folder, room, 'user.ts'),
    join('src', folder, other, 'other.ts'),
  ]);
}

interface Cruised {
  readonly modules: readonly unknown[];
  readonly summary: {
    readonly violations: readonly { readonly from: string; readonly rule: { readonly name: string } }[];
    readonly ruleSetUsed: { readonly forbidden: readonly { readonly name: string }[] };
  };
}

/** What dependency-cruiser, with the project's configuration, says about a source tree made of the forbidden imports. */
function cruiseForbidden(): Cruised {
  const folder = mkdtempSync(join(tmpdir(), 'layers-'));
  const write = (path: string, text: string): void => {
    mkdirSync(join(folder, dirname(path)), { recursive: true });
    writeFileSync(join(folder, path), text, { flag: 'a' });
  };
  try {
    write('tsconfig.json', '{}');
    write('src/domain/hen.ts', "import './egg.ts';\n");
    for (const name of ['dockerode', 'inversify', 'reflect-metadata', 'winston'])
      write(`node_modules/${name}/index.js`, '');
    for (const [, from, to] of FORBIDDEN) {
      const isFile = to.startsWith('src/');
      if (isFile && !to.endsWith('/nowhere.ts')) write(to, '');
      const path = relative(dirname(from), to);
      write(from, `import type {} from '${isFile ? `./${path}` : to}';\n`);
    }
    const { stdout, stderr } = spawnSync(
      join(PROJECT, 'node_modules/.bin/depcruise'),
      ['--config', CONFIG, '--output-type', 'json', 'src'],
      { cwd: folder, encoding: 'utf8', maxBuffer: 2 ** 26 },
    );
    expect(stderr).toBe('');
    return JSON.parse(stdout) as Cruised;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

describe('the rules about imports', () => {
  let cruised: Cruised;
  beforeAll(() => {
    cruised = cruiseForbidden();
  }, 60_000);

  it('refuse what they are there for, each import by one rule', () => {
    const broken = cruised.summary.violations.map(({ rule, from }) => `${rule.name}: ${from}`);
    expect(broken.sort()).toEqual(FORBIDDEN.map(([rule, from]) => `${rule}: ${from}`).sort());
  });

  it('are all tried here', () => {
    const rules = cruised.summary.ruleSetUsed.forbidden.map(({ name }) => name);
    expect([...new Set(FORBIDDEN.map(([rule]) => rule))].sort()).toEqual(rules.sort());
  });
});

/** The globals that ESLint refuses in a file of this text, with the project's configuration. */
function refusedGlobals(file: string, text: string): string[] {
  const script = `
    import { ESLint } from 'eslint';
    const eslint = new ESLint({
      ruleFilter: ({ ruleId }) => ruleId === 'no-restricted-globals',
      overrideConfig: { languageOptions: { parserOptions: { projectService: false } } },
    });
    const [{ messages }] = await eslint.lintText(process.argv[2], { filePath: process.argv[1] });
    console.log(JSON.stringify(messages.map(({ message }) => /'(.+?)'/.exec(message)[1])));
  `;
  const stdout = execFileSync(process.execPath, ['--input-type=module', '--eval', script, file, text], {
    cwd: PROJECT,
    encoding: 'utf8',
  });
  return JSON.parse(stdout) as string[];
}

describe("ESLint's rule about globals", () => {
  const text = `
    process.nextTick(() => undefined);
    globalThis.process.exit();
    setImmediate(() => undefined);
    setTimeout(() => undefined);
    performance.now();
    console.log(Buffer.from(''), URL, AbortSignal, Uint8Array);
  `;
  const refused = ['process', 'process', 'setImmediate', 'performance', 'console', 'Buffer', 'URL'];

  it.each([
    ['src/domain/targets/target.ts', [...refused.slice(0, 3), 'setTimeout', ...refused.slice(3)]],
    ['src/application/collect-metrics.ts', refused],
    ['src/infrastructure/serve.ts', []],
  ])(
    '%s',
    (file, globals) => {
      expect(refusedGlobals(file, text)).toEqual(globals);
    },
    60_000,
  );
});
