import type { ServiceIdentifier } from 'inversify';

import { loadSettings } from '../../../src/infrastructure/config/load-settings.ts';
import { buildContainer } from '../../../src/infrastructure/container/build-container.ts';
import { SERVICES } from '../../../src/infrastructure/container/services.ts';

const VARIANTS: Readonly<Record<string, Record<string, string>>> = {
  'the defaults': {},
  'http mode': { FETCH_MODE: 'http' },
  'one exec per fetch': { EXEC_SESSION: 'off' },
  'reuse of fetches': { REUSE_WITHIN: '5s' },
  'the task metadata': { TASK_METADATA: 'on' },
  'file discovery': { DISCOVERY: 'file', DISCOVERY_FILES: '/nowhere/*.json' },
};

describe('buildContainer', () => {
  for (const [variant, env] of Object.entries(VARIANTS)) {
    describe(`with ${variant}`, () => {
      const container = buildContainer(loadSettings(env));
      afterAll(() => container.get(SERVICES.closing).disposeAsync());

      it.each(Object.entries<ServiceIdentifier>(SERVICES))('resolves %s', (_name, identifier) => {
        expect(container.get(identifier)).toBeDefined();
      });
    });
  }

  it('makes each part once', () => {
    const container = buildContainer(loadSettings({}));
    expect(container.get(SERVICES.knownTargets)).toBe(container.get(SERVICES.knownTargets));
  });
});
