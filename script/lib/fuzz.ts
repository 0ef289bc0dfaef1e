/**
 * Merges random and damaged expositions with the engine and with the reference implementation, and compares.
 *
 *   node script/lib/fuzz.ts [seconds, default 60] [seed]
 *
 * Ends at the first difference: prints the smallest case that shows it, keeps it as a fixture of the unit tests and exits
 * with 1. The same seed makes the same cases in the same order.
 */
import { createHash, randomInt } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { instantiateEngine } from '../../src/adapters/exposition/engine/engine-module.ts';
import { damagedSource, validSource } from '../../test/support/exposition/bodies.ts';
import { outcomes, serialized, type MergeCase } from '../../test/support/exposition/differential.ts';
import { FORMATS, type TestSource } from '../../test/support/exposition/merging.ts';

const CASES_PER_BATCH = 200;
const PROJECT = join(import.meta.dirname, '../..');
const FINDS = join(PROJECT, 'test/unit/adapters/exposition/fixtures/finds');

/** The head of one body and the tail of another, in the syntax of either. */
const splicedSource: fc.Arbitrary<TestSource> = fc
  .tuple(validSource, validSource, fc.nat(), fc.nat())
  .map(([head, tail, end, start]) => {
    const first = Buffer.from(head.body);
    const second = Buffer.from(tail.body);
    const body = [first.subarray(0, end % (first.length + 1)), second.subarray(start % (second.length + 1))];
    return { ...tail, body: Buffer.concat(body) };
  });

/** What the engine takes at a time. */
const { INPUT_BYTES } = instantiateEngine().constants;

/** A body that the end of what the engine takes at a time falls into. */
const longSource: fc.Arbitrary<TestSource> = fc
  .tuple(fc.oneof(validSource, damagedSource), fc.nat())
  .map(([source, at]) => {
    const body = Buffer.from(source.body);
    const filler = '# HELP filler '.padEnd(INPUT_BYTES - (at % (body.length + 1)) - 1, 'x');
    return { ...source, body: Buffer.concat([Buffer.from(`${filler}\n`), body]) };
  });

const TOKENS = ['a', 'b', ' ', '\t', '\n', '\r', '{', '}', '=', ',', '"', '\\', '\\n', '#', '# ', ' # {'];
const WORDS = [
  '# TYPE ',
  '# HELP ',
  '# UNIT ',
  '# EOF\n',
  'counter',
  '_total',
  'le="1"',
  '1',
  '.5',
  'NaN',
  '+',
  '-',
  'e',
];
const BYTES = ['\0', '\x80', '\xc3\xa9', '\xc3', '\xed\xa0\x80', '\xf4\x90\x80\x80', '\xef\xbb\xbf'];

/** Pieces of expositions, and of bad UTF-8, in any order. */
const garbageSource: fc.Arbitrary<TestSource> = fc
  .record({
    pieces: fc.array(fc.constantFrom(...TOKENS, ...WORDS, ...BYTES), { maxLength: 40 }),
    syntax: fc.constantFrom<'text' | 'openmetrics'>('text', 'openmetrics'),
    isEnded: fc.boolean(),
  })
  .map(({ pieces, syntax, isEnded }) => {
    const text = isEnded ? [...pieces, '\n', ...(syntax === 'text' ? [] : ['# EOF\n'])] : pieces;
    return { body: Buffer.from(text.join(''), 'latin1'), syntax };
  });

const mergeCases: fc.Arbitrary<MergeCase> = fc.record({
  format: fc.nat(FORMATS.length - 1),
  honorsLabels: fc.boolean(),
  sources: fc.array(
    fc.oneof(
      { weight: 4, arbitrary: validSource },
      { weight: 3, arbitrary: damagedSource },
      { weight: 2, arbitrary: splicedSource },
      { weight: 2, arbitrary: longSource },
      { weight: 1, arbitrary: garbageSource },
    ),
    { minLength: 1, maxLength: 4 },
  ),
});

const agreement = fc.property(mergeCases, (mergeCase) => {
  const { engine, reference } = outcomes(mergeCase);
  return isDeepStrictEqual(engine, reference);
});

function keep(find: MergeCase): string {
  const text = serialized(find);
  const path = join(FINDS, `${createHash('sha256').update(text).digest('hex').slice(0, 12)}.json`);
  mkdirSync(FINDS, { recursive: true });
  writeFileSync(path, text);
  return path;
}

function numberOf(argument: string | undefined, otherwise: number): number {
  const number = Number(argument ?? otherwise);
  if (!Number.isSafeInteger(number) || number < 1) throw new Error(`not a positive number: ${argument}`);
  return number;
}

const seconds = numberOf(process.argv[2], 60);
const seed = numberOf(process.argv[3], randomInt(1, 2 ** 31 - 1));
console.log(`seed ${seed}, ${seconds} s`);
const end = performance.now() + seconds * 1000;
let executions = 0;
let find: MergeCase | undefined;
for (let batch = 0; find === undefined && performance.now() < end; batch++) {
  const details = fc.check(agreement, { seed: (seed + batch) | 0, numRuns: CASES_PER_BATCH });
  executions += details.numRuns;
  find = details.counterexample?.[0];
}
console.log(`${executions} executions, ${find === undefined ? 0 : 1} finds`);
if (find !== undefined) {
  const { engine, reference } = outcomes(find);
  console.log(JSON.stringify({ engine, reference }, undefined, 2));
  console.log(`kept as ${relative(PROJECT, keep(find))}`);
  process.exitCode = 1;
}
