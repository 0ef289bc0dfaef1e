import type { PlannedFamily } from '../../../domain/exposition/families/family-plan.ts';
import type { MetricType } from '../../../domain/exposition/metric-type.ts';
import type { SyntaxRules } from '../../../domain/exposition/syntax-rules.ts';
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
import type { SampleTable } from '../samples/sample-table.ts';
import { writtenLabelName } from '../samples/spelling.ts';
import type { BlockIndex } from './block-index.ts';
import type { MergedSamples } from './merged-samples.ts';
import type { KeyOf, MetricKey, MetricKeys } from './metric-keys.ts';
import { areMetricsInPlace } from './metrics-in-place.ts';
import type { WrittenLines } from './written-lines.ts';

const SUM = 1;
const COUNT = 2;
const PART_OF_SUFFIX = new Map([
  ['_sum', SUM],
  ['_gsum', SUM],
  ['_count', COUNT],
  ['_gcount', COUNT],
]);
/** The parts that a whole point has: sum and count come together. */
const WHOLE_POINTS = [IS_INF_BUCKET, IS_INF_BUCKET | SUM | COUNT];

interface Points {
  /** Does each have all that its type asks for? */
  readonly areWhole: boolean;
  /** Is each bucket known to be above the one before it? */
  readonly haveBoundsInOrder: boolean;
  /** Keys of the metrics that have a point in several places. */
  readonly repeated: ReadonlySet<MetricKey>;
}

/** Checks the samples of a family as metrics and points, as OpenMetrics groups them. A point is a metric at one time. */
export class FamilyStructure {
  readonly #samples: MergedSamples;
  readonly #table: SampleTable;
  readonly #blocks: BlockIndex;
  readonly #lines: WrittenLines;
  readonly #keys: MetricKeys;
  readonly #rules: SyntaxRules;
  /** Names of the histograms whose metrics were seen to be together, their buckets in order. */
  readonly #inOrder = new Set<string>();

  constructor(samples: MergedSamples, rules: SyntaxRules) {
    const { table, blocks, lines, keys } = samples;
    this.#samples = samples;
    this.#table = table;
    this.#blocks = blocks;
    this.#lines = lines;
    this.#keys = keys;
    this.#rules = rules;
  }

  /**
   * Do the samples have the structure of their type, so that the strictest reader takes them? Text: `le` and `quantile`
   * are numbers (expfmt). OpenMetrics 1.0.0 (sections "Histogram", "Summary", "StateSet", "Timestamps"): they are there
   * as well, every point has its `+Inf` bucket and either both or neither of sum and count, and either all or none of
   * a metric's samples have a timestamp.
   */
  fitsType(family: PlannedFamily): boolean {
    const { type, name, sampleNames } = family;
    if (type === 'unknown' || type === 'gauge') return true;
    const blocks = this.#blocks.blocksOf(sampleNames);
    if (!this.#rules.mixesTimestamps && !this.#hasEvenTimestamps(blocks, type, name)) return false;
    return this.#rules.needsWholePoints
      ? this.#hasWholePoints(blocks, family)
      : this.#haveNumbersAsBounds(blocks, type);
  }

  /** Was the family, when its fit was checked, seen to have its metrics together and their buckets in order? */
  isKnownInOrder({ name }: PlannedFamily): boolean {
    return this.#inOrder.has(name);
  }

  #haveNumbersAsBounds(blocks: readonly number[], type: MetricType): boolean {
    if (type === 'histogram') return !this.#blocks.haveFlag(blocks, HAS_BAD_LE);
    return type !== 'summary' || !this.#blocks.haveFlag(blocks, HAS_BAD_QUANTILE);
  }

  #hasWholePoints(blocks: readonly number[], family: PlannedFamily): boolean {
    const { type, name } = family;
    switch (type) {
      case 'histogram':
      case 'gaugehistogram':
        if (!areMetricsInPlace(this.#samples, family)) return this.#hasWholeHistograms(blocks, type, name);
        this.#inOrder.add(name);
        return true;
      case 'summary':
        return this.#haveQuantiles(blocks, name);
      case 'stateset':
        return this.#lines.haveLabel(blocks, writtenLabelName(name));
      default:
        return true;
    }
  }

  #haveQuantiles(blocks: readonly number[], family: string): boolean {
    let haveAll = true;
    this.#blocks.forEachSample(
      blocks.filter((block) => this.#keys.suffixOf(block, family) === ''),
      (sample) => {
        const flags = this.#table.flags[sample] ?? 0;
        haveAll &&= (flags & (HAS_QUANTILE | HAS_BAD_QUANTILE)) === HAS_QUANTILE;
      },
    );
    return haveAll;
  }

  #hasEvenTimestamps(blocks: readonly number[], type: MetricType, family: string): boolean {
    if (!this.#blocks.haveFlag(blocks, HAS_TIMESTAMP)) return true;
    // For readers all samples of an info family are one metric.
    const isInfo = type === 'info';
    const uneven = this.#keys.unevenKeys(blocks, isInfo ? () => 0 : this.#keys.hashKeys(type, family));
    if (uneven.size === 0 || isInfo) return uneven.size === 0;
    return this.#keys.unevenKeys(blocks, this.#keys.finerKeys(uneven, type, family)).size === 0;
  }

  #hasWholeHistograms(blocks: readonly number[], type: MetricType, family: string): boolean {
    const first = this.#readPoints(blocks, family, this.#keys.hashKeys(type, family));
    // Two metrics with one hash look as whole as the better one of them.
    if (!first.areWhole) return false;
    const keyOf = this.#keys.finerKeys(first.repeated, type, family);
    if (first.repeated.size > 0 && !this.#readPoints(blocks, family, keyOf).areWhole) return false;
    if (
      first.haveBoundsInOrder &&
      first.repeated.size === 0 &&
      !this.#blocks.haveFlag(blocks, HAS_TIMESTAMP)
    ) {
      this.#inOrder.add(family);
    }
    return first.haveBoundsInOrder || this.#hasDifferentBounds(blocks, family, keyOf);
  }

  #readPoints(blocks: readonly number[], family: string, keyOf: KeyOf): Points {
    const { flags } = this.#table;
    const points = new Map<MetricKey | string, number>();
    const repeated = new Set<MetricKey>();
    let parts = 0;
    let lastPoint: MetricKey | string | undefined;
    let lastSource = -1;
    let badBuckets = 0;
    let uncertainBounds = 0;
    let hasReturned = false;
    for (const block of blocks) {
      const suffix = this.#keys.suffixOf(block, family);
      const isBucket = suffix === '_bucket';
      const part = PART_OF_SUFFIX.get(suffix) ?? 0;
      const source = this.#blocks.sourceOf(block);
      const end = this.#table.endOfBlock(block);
      for (let sample = this.#table.firstOfBlock(block); sample < end; sample++) {
        const all = flags[sample] ?? 0;
        if ((all & IS_DROPPED) !== 0) continue;
        const key = keyOf(sample, block);
        const point = this.#pointOf(sample, key);
        if (point !== lastPoint) {
          if (lastPoint !== undefined) points.set(lastPoint, parts);
          const before = points.get(point);
          parts = before ?? 0;
          hasReturned = before !== undefined;
        } else if (source !== lastSource) hasReturned = true;
        if (hasReturned) repeated.add(key);
        lastPoint = point;
        lastSource = source;
        if (isBucket && (all & (HAS_LE | HAS_BAD_LE)) !== HAS_LE) badBuckets++;
        if (isBucket && (hasReturned || (all & IS_OUT_OF_ORDER) !== 0)) uncertainBounds++;
        parts |= isBucket ? all & IS_INF_BUCKET : part;
      }
    }
    if (lastPoint !== undefined) points.set(lastPoint, parts);
    const areWhole = badBuckets === 0 && [...points.values()].every((all) => WHOLE_POINTS.includes(all));
    return { areWhole, haveBoundsInOrder: uncertainBounds === 0, repeated };
  }

  /** `le="1"` and `le="1.0"` are the same bound. */
  #hasDifferentBounds(blocks: readonly number[], family: string, keyOf: KeyOf): boolean {
    const seen = new Set<string>();
    let areDifferent = true;
    this.#blocks.forEachSample(blocks, (sample, block) => {
      if (this.#keys.suffixOf(block, family) !== '_bucket') return;
      const bound = `${this.#pointOf(sample, keyOf(sample, block))} ${this.#lines.boundOf(sample)}`;
      areDifferent &&= !seen.has(bound);
      seen.add(bound);
    });
    return areDifferent;
  }

  #pointOf(sample: number, key: MetricKey): MetricKey | string {
    const milliseconds = this.#table.timestamps[sample] ?? 0;
    return milliseconds === 0 ? key : `${key} ${milliseconds}`;
  }
}
