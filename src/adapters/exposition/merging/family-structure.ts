import type { Syntax } from '../../../domain/exposition/format.ts';
import type { PlannedFamily } from '../../../domain/exposition/family-plan.ts';
import type { MetricType } from '../../../domain/exposition/metric-type.ts';
import type { MergeMemory } from '../samples/merge-memory.ts';
import type { KeyOf, MetricKey, MetricKeys } from './metric-keys.ts';
import { areMetricsInPlace } from './metrics-in-place.ts';
import type { NameTable } from '../samples/name-table.ts';
import type { BlockIndex } from './block-index.ts';
import {
  HAS_BAD_LE,
  HAS_BAD_QUANTILE,
  HAS_LE,
  HAS_QUANTILE,
  HAS_TIMESTAMP,
  IS_INF_BUCKET,
  IS_DROPPED,
  IS_OUT_OF_ORDER,
} from '../engine/sample-flags.ts';
import type { SampleTable } from '../samples/sample-table.ts';
import type { WrittenLines } from './written-lines.ts';
import { writtenLabelName } from '../samples/spelling.ts';

const SUM = 1;
const COUNT = 2;
const PART_OF_SUFFIX = new Map([
  ['_sum', SUM],
  ['_gsum', SUM],
  ['_count', COUNT],
  ['_gcount', COUNT],
]);
/** Types whose metrics have one sample, of one name, unless they have several timestamps. */
const ONE_LINE_TYPES: readonly MetricType[] = ['counter', 'gauge', 'info', 'unknown'];
/** Sum and count come together. */
const WHOLE_POINTS = [IS_INF_BUCKET, IS_INF_BUCKET | SUM | COUNT];

interface Points {
  /** Has each what its type asks for? */
  readonly areWhole: boolean;
  /** Is each bucket known to be above the one before it? */
  readonly haveBoundsInOrder: boolean;
  /** Of metrics that have a point in several places. */
  readonly repeated: ReadonlySet<MetricKey>;
}

/** Looks at the samples of a family as the metrics and points that OpenMetrics makes of them. */
export class FamilyStructure {
  readonly #table: SampleTable;
  readonly #names: NameTable;
  readonly #blocks: BlockIndex;
  readonly #lines: WrittenLines;
  readonly #keys: MetricKeys;
  /** Runs of histograms, as the table has them, whose metrics were seen to stand together, their buckets in order. */
  readonly #inPlace = new Set<readonly number[]>();

  constructor({ table, names }: MergeMemory, blocks: BlockIndex, lines: WrittenLines, keys: MetricKeys) {
    this.#table = table;
    this.#names = names;
    this.#blocks = blocks;
    this.#lines = lines;
    this.#keys = keys;
  }

  /**
   * Do the samples have the structure of their type, so that the strictest reader takes them? In text: `le` and `quantile`
   * are numbers (expfmt). In OpenMetrics 1.0.0 (sections "Histogram", "Summary", "StateSet", "Timestamps"): they are there
   * as well, every point has its `+Inf` bucket and either both or neither of sum and count, and either all or none of
   * a metric's samples have a timestamp.
   */
  fitsType(family: PlannedFamily, syntax: Syntax): boolean {
    const { type, name } = family;
    if (type === 'unknown' || type === 'gauge') return true;
    const blocks = this.blocksOf(family);
    if (syntax === 'text') {
      if (type === 'histogram') return !this.#hasFlag(blocks, HAS_BAD_LE);
      return type !== 'summary' || !this.#hasFlag(blocks, HAS_BAD_QUANTILE);
    }
    if (!this.#hasEvenTimestamps(blocks, type, name)) return false;
    switch (type) {
      case 'histogram':
      case 'gaugehistogram':
        return this.#hasWholePoints(blocks, family);
      case 'summary':
        return this.#haveQuantiles(blocks, name);
      case 'stateset':
        return this.#lines.haveLabel(blocks, writtenLabelName(name));
      default:
        return true;
    }
  }

  /**
   * What tells the metrics apart where the samples must be put in another order, so that those of a metric stand together
   * (OpenMetrics, "MetricFamily"); undefined where they do already.
   */
  regroupingKeys(family: PlannedFamily): KeyOf | undefined {
    const { type, name, sampleNames } = family;
    const blocks = this.blocksOf(family);
    if (this.#inPlace.has(blocks)) return undefined;
    const hasOneLineEach = sampleNames.length === 1 && ONE_LINE_TYPES.includes(type);
    if (hasOneLineEach && !this.#hasFlag(blocks, HAS_TIMESTAMP)) return undefined;
    if (this.#areInPlace(blocks, type, name, sampleNames)) return undefined;
    const hashOf = this.#keys.hashKeys(type, name);
    const seen = new Set<MetricKey>();
    const repeated = new Set<MetricKey>();
    let disorder = 0;
    let last: MetricKey = NaN;
    let lastTimestamp = -Infinity;
    let lastSource = -1;
    this.#blocks.forEachSample(blocks, (sample, block) => {
      const group = hashOf(sample, block);
      const timestamp = this.#table.timeOf(sample);
      const source = this.#blocks.sourceOf(block);
      const isSame = group === last && source === lastSource;
      if (!isSame && seen.has(group)) repeated.add(group);
      seen.add(group);
      if (isSame && timestamp < lastTimestamp) disorder++;
      disorder += (this.#table.flags[sample] ?? 0) & IS_OUT_OF_ORDER;
      last = group;
      lastTimestamp = timestamp;
      lastSource = source;
    });
    return disorder > 0 || repeated.size > 0 ? this.#keys.finerKeys(repeated, type, name) : undefined;
  }

  blocksOf({ sampleNames }: Pick<PlannedFamily, 'sampleNames'>): readonly number[] {
    return this.#blocks.blocksOf(sampleNames.map((name) => this.#names.internLatin1(name)));
  }

  #hasFlag(blocks: readonly number[], flag: number): boolean {
    return this.#blocks.haveFlag(blocks, flag);
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
    if (!this.#hasFlag(blocks, HAS_TIMESTAMP)) return true;
    // For readers all samples of an info family are one metric.
    const isInfo = type === 'info';
    const uneven = this.#keys.unevenKeys(blocks, isInfo ? () => 0 : this.#keys.hashKeys(type, family));
    if (uneven.size === 0 || isInfo) return uneven.size === 0;
    return this.#keys.unevenKeys(blocks, this.#keys.finerKeys(uneven, type, family)).size === 0;
  }

  #areInPlace(
    blocks: readonly number[],
    type: MetricType,
    family: string,
    sampleNames: readonly string[],
  ): boolean {
    const suffixes = new Map(
      sampleNames.map((name) => [this.#names.internLatin1(name), name.slice(family.length)]),
    );
    const sourceOf = (block: number): number => this.#blocks.sourceOf(block);
    return areMetricsInPlace(this.#table, { type, blocks, suffixes, sourceOf });
  }

  /** A point is what a metric has at one time. */
  #hasWholePoints(blocks: readonly number[], { type, name: family, sampleNames }: PlannedFamily): boolean {
    if (this.#areInPlace(blocks, type, family, sampleNames)) {
      this.#inPlace.add(blocks);
      return true;
    }
    const first = this.#readPoints(blocks, family, this.#keys.hashKeys(type, family));
    // Where two metrics have one hash, together they look as whole as the better one.
    if (!first.areWhole) return false;
    const keyOf = this.#keys.finerKeys(first.repeated, type, family);
    if (first.repeated.size > 0 && !this.#readPoints(blocks, family, keyOf).areWhole) return false;
    if (first.haveBoundsInOrder && first.repeated.size === 0 && !this.#hasFlag(blocks, HAS_TIMESTAMP)) {
      this.#inPlace.add(blocks);
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
    let doubtfulBounds = 0;
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
        if (isBucket && (hasReturned || (all & IS_OUT_OF_ORDER) !== 0)) doubtfulBounds++;
        parts |= isBucket ? all & IS_INF_BUCKET : part;
      }
    }
    if (lastPoint !== undefined) points.set(lastPoint, parts);
    const areWhole = badBuckets === 0 && [...points.values()].every((all) => WHOLE_POINTS.includes(all));
    return { areWhole, haveBoundsInOrder: doubtfulBounds === 0, repeated };
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
