import { ImageProvider } from '../../script/lib/images.ts';
import type { ImageRole } from '../../script/lib/image-recipes.ts';

const provider = new ImageProvider();

/** Resolves with the name of the test image for a role (see IMAGE_ROLES), once the engine has it. */
export async function testImage(role: ImageRole): Promise<string> {
  return provider.provide(role);
}
