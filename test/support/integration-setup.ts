import Docker from 'dockerode';
import { makeAllTestImages } from './images.ts';

/** Runs once before the integration tests: they all stand on a Docker engine and its images. Jest takes the default export. */
// eslint-disable-next-line no-restricted-syntax
export default async function setUp(): Promise<void> {
  try {
    await new Docker().ping();
  } catch (error) {
    throw new Error(
      'the integration tests need a Docker engine: script/test finds or starts one, or set DOCKER_HOST',
      { cause: error },
    );
  }
  // Its reaper is an image of its own, pulled; what a test starts ends with `await using`.
  process.env['TESTCONTAINERS_RYUK_DISABLED'] = 'true';
  await makeAllTestImages();
}
