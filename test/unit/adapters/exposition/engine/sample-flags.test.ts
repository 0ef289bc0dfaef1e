import { instantiateEngine } from '../../../../../src/adapters/exposition/engine/engine-module.ts';
import * as flags from '../../../../../src/adapters/exposition/engine/sample-flags.ts';

describe('the flags of a sample', () => {
  it('are the same in the engine, but for the one that it never sets', () => {
    const { IS_DROPPED, ...others } = flags;
    expect(instantiateEngine().constants).toMatchObject(others);
    expect(Object.values(others)).not.toContain(IS_DROPPED);
  });
});
