import { instantiateEngine } from '../../../../../src/adapters/exposition/engine/engine-module.ts';
import { expectSame, lines } from '../../../../support/exposition/engine-and-reference.ts';
import { OPENMETRICS, TEXT } from '../../../../support/exposition/merging.ts';

// The engine takes so much input and 2048 samples at a time, and remembers names of up to 2048 bytes and 32 label names.
const { INPUT_BYTES } = instantiateEngine().constants;

const family = (name: string, count: number): string =>
  `# HELP ${name} Some.\n# TYPE ${name} gauge\n${lines(count, (i) => `${name}{i="${i}",text="x y z"} ${i}.5`)}`;

describe('a body larger than what the engine takes at a time', () => {
  it.each([-2, -1, 0, 1, 2])('with a line that ends %i bytes behind what it takes', (distance) => {
    const first = family('a', 100);
    const second = `b{text="${'x'.repeat(INPUT_BYTES + distance - first.length - 13)}"} 1\n`;
    expect((first + second).length).toBe(INPUT_BYTES + distance);
    expectSame([{ body: `${first}${second}c 1\n` }, { body: `${first}${second}c 1` }], [TEXT, OPENMETRICS]);
  });

  it.each([
    ['a label value', 'b{text="'],
    ['a quoted name', '{"'],
  ])('with line feeds in %s where what it takes ends', (_, start) => {
    const first = family('a', 100);
    for (const behind of ['injected 666\n# ', 'no sample\n', '']) {
      const long = start + 'x'.repeat(INPUT_BYTES - 1 - first.length - start.length);
      const body = `${first}${long}\n${behind}"} 1\nc 1\n`;
      expect(body[INPUT_BYTES - 1]).toBe('\n');
      expectSame([{ body }], [TEXT, OPENMETRICS]);
    }
  });

  it('in one line alone', () => {
    expectSame([{ body: `a 1\nb{text="${'x'.repeat(3 * INPUT_BYTES)}"} 1\nc 1\n` }], [TEXT]);
  });
});
