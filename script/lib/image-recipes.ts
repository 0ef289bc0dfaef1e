import { createHash } from 'node:crypto';
import { execFileSync } from 'node:child_process';
import {
  accessSync,
  chmodSync,
  constants,
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';

/**
 * The purpose of an image: `node` has Debian's shell, curl and Node.js; `wget` BusyBox (with its wget) and Node.js, no curl;
 * `gnuwget` GNU wget instead; `bare` only Node.js, without a shell; `exporter` node_exporter with a shell and wget;
 * `build` is the base image of the product's Dockerfile (Node.js, npm, a shell).
 */
export const IMAGE_ROLES = ['node', 'wget', 'gnuwget', 'bare', 'exporter', 'build'] as const;
export type ImageRole = (typeof IMAGE_ROLES)[number];

/** Pulled from a registry, or built from programs of this machine. */
export type ImageSource = 'pull' | 'build';

/** Describes how to make the image of one role. */
export interface ImageRecipe {
  /** The role whose image is the Dockerfile's BASE argument; absent if it has none. */
  readonly base?: ImageRole;
  readonly dockerfile: string;
  /** Fills the folder `layer` of the build's context, a piece of a root file system. */
  readonly fillLayer?: (folder: string) => void;
}

const NPM = 'npm@11.19.1';

export interface ImageRecipes {
  readonly source: ImageSource;
  /** Differs whenever the images would differ. */
  readonly fingerprint: string;
  readonly roles: Readonly<Record<ImageRole, ImageRecipe>>;
}

/** Programs of this machine from which images are built. */
export interface HostPrograms {
  readonly node: string;
  readonly busybox: string;
  readonly dash: string;
  readonly curl: string;
  readonly wget: string;
  readonly nodeExporter: string;
}

/** Recipes on top of official images. */
export function pulledRecipes(): ImageRecipes {
  const roles = {
    node: { dockerfile: 'FROM node:24-bookworm' },
    wget: { dockerfile: 'FROM node:24-alpine' },
    gnuwget: { base: 'node', dockerfile: 'ARG BASE\nFROM ${BASE}\nRUN rm /usr/bin/curl' },
    bare: {
      dockerfile: `FROM node:24-alpine AS node
        FROM scratch
        COPY --from=node /usr/local/bin/node /usr/local/bin/
        COPY --from=node /lib/ld-musl-*.so.1 /lib/
        COPY --from=node /usr/lib/libstdc++.so.6 /usr/lib/libgcc_s.so.1 /usr/lib/
        ENV PATH=/usr/local/bin`,
    },
    exporter: { dockerfile: 'FROM prom/node-exporter:v1.9.1' },
    build: { dockerfile: 'FROM node:24-alpine' },
  } as const satisfies Record<ImageRole, ImageRecipe>;
  return { source: 'pull', fingerprint: hash(Object.values(roles)), roles };
}

/** Recipes with programs of this machine. */
export function builtRecipes(programs: HostPrograms): ImageRecipes {
  const layer = 'ARG BASE\nFROM ${BASE}\nCOPY layer /\n';
  const roles: Record<ImageRole, ImageRecipe> = {
    bare: {
      dockerfile: 'FROM scratch\nCOPY layer /\nENV PATH=/usr/local/bin:/usr/bin:/bin',
      fillLayer: (folder) => fillBare(folder, programs.node),
    },
    wget: {
      base: 'bare',
      dockerfile: layer,
      fillLayer: (folder) => addBusybox(folder, programs.busybox),
    },
    node: {
      base: 'wget',
      dockerfile: layer,
      fillLayer: (folder) => {
        addProgram(folder, programs.dash, '/bin/sh');
        addProgram(folder, programs.curl, '/usr/bin/curl');
      },
    },
    gnuwget: {
      base: 'bare',
      dockerfile: layer,
      fillLayer: (folder) => {
        addBusybox(folder, programs.busybox);
        // Debian's BusyBox shell runs its own applets before anything on the PATH.
        rmSync(join(folder, 'bin/sh'));
        rmSync(join(folder, 'bin/wget'));
        addProgram(folder, programs.dash, '/bin/sh');
        addProgram(folder, programs.wget, '/usr/bin/wget');
      },
    },
    exporter: {
      base: 'wget',
      dockerfile: `${layer}ENTRYPOINT ["/bin/node_exporter"]`,
      fillLayer: (folder) => addProgram(folder, programs.nodeExporter, '/bin/node_exporter'),
    },
    build: {
      base: 'wget',
      dockerfile: `${layer}ENV NODE_EXTRA_CA_CERTS=/etc/ssl/certs/ca-certificates.crt`,
      fillLayer: addBuildTools,
    },
  };
  const versions = Object.values(programs).map((path: string) => {
    const { size, mtimeMs } = statSync(path);
    return [path, size, mtimeMs];
  });
  const ownText = readFileSync(import.meta.filename, 'utf8');
  return { source: 'build', fingerprint: hash([ownText, versions]), roles };
}

/** Finds the programs; Node.js 24 is the running one. Throws if one is missing. */
export function findHostPrograms(find: (name: string) => string | undefined = findOnPath): HostPrograms {
  const missing: string[] = [];
  const need = (name: string): string => {
    const path = find(name);
    if (path === undefined) missing.push(name);
    return path ?? '';
  };
  const programs: HostPrograms = {
    node: realpathSync(process.execPath),
    busybox: need('busybox'),
    dash: need('dash'),
    curl: need('curl'),
    wget: need('wget'),
    nodeExporter: need('prometheus-node-exporter'),
  };
  if (missing.length > 0) {
    throw new Error(
      `no image registry answers, and to build the images of this machine's programs, these are missing: ${missing.join(', ')}`,
    );
  }
  return programs;
}

function findOnPath(name: string): string | undefined {
  for (const folder of (process.env['PATH'] ?? '').split(':').concat('/usr/sbin', '/sbin')) {
    const path = join(folder, name);
    try {
      accessSync(path, constants.X_OK);
      return realpathSync(path);
    } catch {
      // Not in this folder.
    }
  }
  return undefined;
}

function fillBare(root: string, node: string): void {
  addProgram(root, node, '/usr/local/bin/node');
  addText(root, '/etc/passwd', 'root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/sh\n');
  addText(root, '/etc/group', 'root:x:0:\nnogroup:x:65534:\n');
  addText(root, '/etc/nsswitch.conf', 'hosts: files dns\n');
  mkdirSync(join(root, 'root'));
  mkdirSync(join(root, 'tmp'));
  chmodSync(join(root, 'tmp'), 0o1777);
}

function addBusybox(root: string, busybox: string): void {
  addProgram(root, busybox, '/bin/busybox');
  const applets = execFileSync(busybox, ['--list'], { encoding: 'utf8' }).split('\n').filter(Boolean);
  for (const applet of applets) {
    if (applet !== 'busybox') symlinkSync('busybox', join(root, 'bin', applet));
  }
  // Scripts expect it at this path.
  mkdirSync(join(root, 'usr/bin'), { recursive: true });
  symlinkSync('/bin/busybox', join(root, 'usr/bin/env'));
}

function addBuildTools(root: string): void {
  // Not the machine's own npm: its distribution may have split it into packages.
  execFileSync('npm', ['install', '--global', '--prefix', join(root, 'usr/local'), NPM], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  // ldd itself is a bash script that sets this variable.
  addText(root, '/usr/bin/ldd', '#!/bin/sh\nLD_TRACE_LOADED_OBJECTS=1 exec "$@"\n');
  chmodSync(join(root, 'usr/bin/ldd'), 0o755);
  const certificates = process.env['NODE_EXTRA_CA_CERTS'] ?? '/etc/ssl/certs/ca-certificates.crt';
  addText(
    root,
    '/etc/ssl/certs/ca-certificates.crt',
    existsSync(certificates) ? readFileSync(certificates, 'utf8') : '',
  );
}

/** Copies a program and the libraries that the loader finds for it, each to the same path in the layer. */
function addProgram(root: string, program: string, as: string): void {
  addFile(root, program, as);
  for (const library of sharedLibraries(program)) addFile(root, library, library);
}

/** Reads `libc.so.6 => /lib/…/libc.so.6 (0x…)` and `/lib64/ld-linux-x86-64.so.2 (0x…)` from ldd's output. */
function sharedLibraries(program: string): string[] {
  let listing: string;
  try {
    listing = execFileSync('ldd', [program], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
  } catch {
    // The program is static: ldd exits with 1.
    return [];
  }
  return [...listing.matchAll(/(?:^|\s)(\/\S+) \(0x/g)].map(([, path]) => path ?? '');
}

function addFile(root: string, source: string, as: string): void {
  const destination = join(root, as);
  mkdirSync(dirname(destination), { recursive: true });
  copyFileSync(realpathSync(source), destination);
}

function addText(root: string, path: string, text: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
}

function hash(facts: unknown): string {
  return createHash('sha256').update(JSON.stringify(facts)).digest('hex').slice(0, 12);
}
