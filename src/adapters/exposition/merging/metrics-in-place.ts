import type { PlannedFamily } from '../../../domain/exposition/families/family-plan.ts';
import { boundLabel, type MetricType } from '../../../domain/exposition/metric-type.ts';
import {
  HAS_BAD_LE,
  HAS_BAD_QUANTILE,
  HAS_LE,
  HAS_QUANTILE,
  HAS_TIMESTAMP,
  IS_DROPPED,
  IS_INF_BUCKET,
  IS_OUT_OF_ORDER,
} from '../engine/sample-flags.ts';
import type { MergedSamples } from './merged-samples.ts';

const SUM = 1;
const COUNT = 2;
/** Bit of a sample that each metric has once: the `+Inf` bucket, the count, the total. */
const ONCE = 4;

/** Parts of a metric by type and suffix; those that are not here leave the family to the thorough way. */
const PARTS: Partial<Record<MetricType, ReadonlyMap<string, number>>> = {
  histogram: new Map([
    ['_bucket', 0],
    ['_sum', SUM],
    ['_count', COUNT],
    ['_created', 0],
  ]),
  gaugehistogram: new Map([
    ['_bucket', 0],
    ['_gsum', SUM],
    ['_gcount', COUNT],
  ]),
  summary: new Map([
    ['', 0],
    ['_sum', SUM],
    ['_count', COUNT | ONCE],
    ['_created', 0],
  ]),
  counter: new Map([
    ['_total', ONCE],
    ['_created', 0],
  ]),
};
/** Both or neither: OpenMetrics 1.0.0, section "Histogram". */
const WHOLE_HISTOGRAMS = [ONCE, ONCE | SUM | COUNT];

/** With these flags a block is not as nearly every program writes it. */
const ODD_FLAGS = HAS_TIMESTAMP | HAS_BAD_LE | HAS_BAD_QUANTILE | IS_OUT_OF_ORDER | IS_DROPPED;

/**
 * The quick look at a family of several sample names: true where its metrics are written as nearly every program writes them, each
 * whole and in one place, buckets in order, without timestamps. False means that the thorough way must look.
 *
 * A metric can't be in two places if each place has its `+Inf` bucket (its count, its total): the second one would be a duplicate,
 * and dropped. So only neighbours are compared, and nothing is collected.
 */
export function areMetricsInPlace(
  { table, blocks: index }: Pick<MergedSamples, 'table' | 'blocks'>,
  { type, name: family, sampleNames }: PlannedFamily,
): boolean {
  const { blockFlags, blockNames, flags, labelHashes, boundHashes } = table;
  const parts = PARTS[type];
  if (parts === undefined) return false;
  const isHistogram = boundLabel(type) === 'le';
  const suffixes = sampleNames.map((sampleName) => sampleName.slice(family.length));
  const names = index.numbersOf(sampleNames);
  const partOfName = suffixes.map((suffix) => parts.get(suffix));
  const isBoundName = suffixes.map((suffix) => suffix === (isHistogram ? '_bucket' : ''));
  let metric = 0;
  let source = -1;
  let seen = 0;
  for (const block of index.blocksOf(sampleNames)) {
    const allFlags = blockFlags[block] ?? 0;
    const nth = names.indexOf(blockNames[block] ?? -1);
    const part = partOfName[nth];
    if ((allFlags & ODD_FLAGS) !== 0 || part === undefined) return false;
    const isBound = isBoundName[nth] === true;
    // The table has the hash of `le` where a sample has both.
    if (isBound && !isHistogram && (allFlags & HAS_LE) !== 0) return false;
    const isOtherSource = index.sourceOf(block) !== source;
    if (isOtherSource && source >= 0 && !isWhole(seen, isHistogram)) return false;
    const end = table.endOfBlock(block);
    for (
      let sample = table.firstOfBlock(block), isFirst = isOtherSource;
      sample < end;
      sample++, isFirst = false
    ) {
      const own = flags[sample] ?? 0;
      const bound = isBound && (own & (HAS_LE | HAS_QUANTILE)) !== 0 ? (boundHashes[sample] ?? 0) : 0;
      const its = ((labelHashes[sample] ?? 0) - bound) | 0;
      if (its !== metric || isFirst) {
        if (!isFirst && !isWhole(seen, isHistogram)) return false;
        metric = its;
        seen = 0;
      }
      if (isBound && isHistogram && (own & HAS_LE) === 0) return false;
      seen |= part | (isHistogram && (own & IS_INF_BUCKET) !== 0 && isBound ? ONCE : 0);
    }
    source = index.sourceOf(block);
  }
  return source < 0 || isWhole(seen, isHistogram);
}

function isWhole(seen: number, isHistogram: boolean): boolean {
  return isHistogram ? WHOLE_HISTOGRAMS.includes(seen) : (seen & ONCE) !== 0;
}
