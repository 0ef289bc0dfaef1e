import { ImageProvider } from '../../script/lib/images.ts';
import { IMAGE_ROLES, type ImageRole } from '../../script/lib/image-recipes.ts';

const VARIABLE = 'TEST_IMAGES';

/** Resolves with the name of the test image for a role (see IMAGE_ROLES), once the engine has it. */
export async function testImage(role: ImageRole): Promise<string> {
  const made = process.env[VARIABLE];
  if (made === undefined) return provider().provide(role);
  return (JSON.parse(made) as Record<ImageRole, string>)[role];
}

/** Makes all images once and tells the workers of this run their names, so that no two make the same one. */
export async function makeAllTestImages(): Promise<void> {
  const names: Partial<Record<ImageRole, string>> = {};
  for (const role of IMAGE_ROLES) names[role] = await provider().provide(role);
  process.env[VARIABLE] = JSON.stringify(names);
}

let shared: ImageProvider | undefined;

function provider(): ImageProvider {
  return (shared ??= new ImageProvider({ log: (line) => process.stderr.write(`${line}\n`) }));
}
