import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { deserialized, outcomes } from '../../../support/exposition/differential.ts';

const FINDS = join(import.meta.dirname, 'fixtures/finds');

describe('what script/fuzz has found', () => {
  it.each(readdirSync(FINDS))('%s: the engine and the reference make the same of it', (file) => {
    const { engine, reference } = outcomes(deserialized(readFileSync(join(FINDS, file), 'utf8')));
    expect(engine).toEqual(reference);
  });
});
