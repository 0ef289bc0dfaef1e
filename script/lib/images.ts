import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import Docker from 'dockerode';
import {
  builtRecipes,
  findHostPrograms,
  pulledRecipes,
  type ImageRecipe,
  type ImageRecipes,
  type ImageRole,
  type ImageSource,
} from './image-recipes.ts';
import { installPackages } from './install-packages.ts';

const REGISTRY_TIMEOUT_MS = 10_000;

/** Resolves if a registry answers; rejects if none does. */
export type RegistryProbe = (signal: AbortSignal) => Promise<unknown>;

/** Decides how images are made: pulled if a registry answers within 10 s, else built. */
export async function chooseImageSource(
  probe: RegistryProbe,
  timeoutMs = REGISTRY_TIMEOUT_MS,
): Promise<ImageSource> {
  const signal = AbortSignal.timeout(timeoutMs);
  const isTooLate = new Promise<never>((_resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason as Error));
  });
  try {
    await Promise.race([probe(signal), isTooLate]);
    return 'pull';
  } catch {
    return 'build';
  }
}

/** Asks the registry for a manifest through the engine, as its network access may differ from ours. */
export function engineRegistryProbe(engine: Docker): RegistryProbe {
  return async (abortSignal) => engine.getImage('node:24-alpine').distribution({ abortSignal });
}

function builtRecipesOfThisMachine(): ImageRecipes {
  installPackages('images');
  return builtRecipes(findHostPrograms());
}

export interface ImageProviderOptions {
  readonly engine?: Docker;
  readonly log?: (line: string) => void;
  readonly probe?: RegistryProbe;
  readonly recipes?: Readonly<Record<ImageSource, () => ImageRecipes>>;
}

/** Makes the images that the engine doesn't have yet. */
export class ImageProvider {
  readonly #engine: Docker;
  readonly #log: (line: string) => void;
  readonly #probe: RegistryProbe;
  readonly #recipeBooks: Readonly<Record<ImageSource, () => ImageRecipes>>;
  readonly #images = new Map<ImageRole, Promise<string>>();
  #recipes: Promise<ImageRecipes> | undefined;

  constructor(options: ImageProviderOptions = {}) {
    this.#engine = options.engine ?? new Docker();
    this.#log = options.log ?? (() => undefined);
    this.#probe = options.probe ?? engineRegistryProbe(this.#engine);
    this.#recipeBooks = options.recipes ?? { pull: pulledRecipes, build: builtRecipesOfThisMachine };
  }

  /** Resolves with the name of the image for a role, once the engine has it. */
  async provide(role: ImageRole): Promise<string> {
    const image = this.#images.get(role) ?? this.#make(role);
    this.#images.set(role, image);
    return image;
  }

  async #make(role: ImageRole): Promise<string> {
    this.#recipes ??= chooseImageSource(this.#probe).then((chosen) => this.#recipeBooks[chosen]());
    const { source, fingerprint, roles } = await this.#recipes;
    const name = `ecs-service-metrics-exporter/test-${role}:${source}-${fingerprint}`;
    if (await this.#has(name)) return name;
    const { base } = roles[role];
    const buildargs = base === undefined ? {} : { BASE: await this.provide(base) };
    this.#log(`making the image ${name} (${source === 'pull' ? 'pulled' : "of this machine's programs"})`);
    await buildImage(this.#engine, name, roles[role], buildargs);
    return name;
  }

  async #has(name: string): Promise<boolean> {
    try {
      await this.#engine.getImage(name).inspect();
      return true;
    } catch (error) {
      if ((error as { statusCode?: number }).statusCode === 404) return false;
      throw error;
    }
  }
}

async function buildImage(
  engine: Docker,
  name: string,
  { dockerfile, fillLayer }: ImageRecipe,
  buildargs: Record<string, string>,
): Promise<void> {
  const context = mkdtempSync(join(tmpdir(), 'ecs-service-metrics-exporter-image-'));
  try {
    writeFileSync(join(context, 'Dockerfile'), dockerfile);
    mkdirSync(join(context, 'layer'));
    fillLayer?.(join(context, 'layer'));
    const tar = spawn('tar', ['-c', '--owner=0', '--group=0', '--numeric-owner', '-C', context, '.'], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await buildFromContext(engine, name, tar.stdout, { buildargs });
  } finally {
    rmSync(context, { recursive: true, force: true });
  }
}

/** Builds an image with the engine's own (legacy) builder. Rejects with the builder's output if a step fails. */
export async function buildFromContext(
  engine: Docker,
  name: string,
  tar: NodeJS.ReadableStream,
  options: Docker.ImageBuildOptions,
): Promise<void> {
  const output = await engine.buildImage(tar, { t: name, rm: true, forcerm: true, ...options });
  await readBuildOutput(name, output);
}

/** The builder answers 200 before it starts; it reports a failure in a line of its output. */
async function readBuildOutput(name: string, output: NodeJS.ReadableStream): Promise<void> {
  const lines: string[] = [];
  for await (const line of createInterface({ input: output })) {
    const event = JSON.parse(line) as { stream?: string; error?: string };
    if (event.stream !== undefined) lines.push(event.stream);
    if (event.error !== undefined) {
      throw new Error(`the image ${name} could not be built: ${event.error}\n${lines.join('').slice(-4000)}`);
    }
  }
}
