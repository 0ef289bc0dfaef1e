import type Docker from 'dockerode';
import {
  builtRecipes,
  findHostPrograms,
  IMAGE_ROLES,
  pulledRecipes,
} from '../../../../script/lib/image-recipes.ts';
import { chooseImageSource, ImageProvider } from '../../../../script/lib/images.ts';

const answers = () => Promise.resolve();
const refuses = () => Promise.reject(new Error('no such host'));
const anyProgram = () => process.execPath;
const recipes = { pull: pulledRecipes, build: () => builtRecipes(findHostPrograms(anyProgram)) };

function engineWhoseImages(inspect: () => Promise<unknown>): Docker {
  return { getImage: () => ({ inspect }) } as unknown as Docker;
}

describe('chooseImageSource', () => {
  it('pulls where a registry answers', async () => {
    expect(await chooseImageSource(answers)).toBe('pull');
  });

  it('builds where none can be reached', async () => {
    expect(await chooseImageSource(refuses)).toBe('build');
  });

  it('builds where none answers in time, and stops asking', async () => {
    let asked: AbortSignal | undefined;
    const hangs = (signal: AbortSignal) => {
      asked = signal;
      return new Promise(() => undefined);
    };
    expect(await chooseImageSource(hangs, 20)).toBe('build');
    expect(asked?.aborted).toBe(true);
  });
});

describe('ImageProvider', () => {
  it.each([
    ['pull', answers],
    ['build', refuses],
  ])('names an image that the engine has, made by: %s', async (source, probe) => {
    const engine = engineWhoseImages(answers);
    const name = await new ImageProvider({ engine, probe, recipes }).provide('node');
    expect(name).toMatch(new RegExp(`^ecs-service-metrics-exporter/test-node:${source}-[0-9a-f]{12}$`));
  });

  it('asks the registry once', async () => {
    let asked = 0;
    const probe = () => Promise.resolve(++asked);
    const engine = engineWhoseImages(answers);
    const provider = new ImageProvider({ engine, probe, recipes });
    await Promise.all(IMAGE_ROLES.map((role) => provider.provide(role)));
    expect(asked).toBe(1);
  });

  it("doesn't take a broken engine for a missing image", async () => {
    const provider = new ImageProvider({ engine: engineWhoseImages(refuses), probe: answers, recipes });
    await expect(provider.provide('node')).rejects.toThrow('no such host');
  });
});

describe('recipes', () => {
  it('pulls every image or derives it from a pulled one', () => {
    const { roles } = recipes.pull();
    for (const role of IMAGE_ROLES) expect(roles[role].fillLayer).toBeUndefined();
  });

  it('builds every image on one that starts from scratch, without a registry', () => {
    const { roles } = recipes.build();
    for (const role of IMAGE_ROLES) {
      const { base, dockerfile } = roles[role];
      expect(dockerfile).toContain(base === undefined ? 'FROM scratch\n' : 'FROM ${BASE}\n');
    }
  });

  it('lists every program that is missing', () => {
    const find = (name: string) => (name === 'curl' ? '/usr/bin/curl' : undefined);
    expect(() => findHostPrograms(find)).toThrow(/missing: busybox, dash, wget, prometheus-node-exporter$/);
  });
});
