import type { PlannedFamily } from '../../../domain/exposition/families/family-plan.ts';
import { boundLabel, type MetricType } from '../../../domain/exposition/metric-type.ts';
import { HAS_BAD_LE, HAS_LE, HAS_TIMESTAMP, IS_OUT_OF_ORDER } from '../engine/sample-flags.ts';
import type { SampleTable } from '../samples/sample-table.ts';
import type { BlockIndex } from './block-index.ts';
import type { FamilyStructure } from './family-structure.ts';
import type { MergedSamples } from './merged-samples.ts';
import type { KeyOf, MetricKey, MetricKeys } from './metric-keys.ts';
import { areMetricsInPlace } from './metrics-in-place.ts';
import { SeriesIndex } from './series-index.ts';
import type { WrittenLines } from './written-lines.ts';

/** A sample line that is written by itself. */
export interface SampleLine {
  readonly sample: number;
  readonly block: number;
}

/** Types whose metrics have one sample, of one name, unless they have several timestamps. */
const ONE_LINE_TYPES: readonly MetricType[] = ['counter', 'gauge', 'info', 'unknown'];

/** Puts the lines of a family in the order that OpenMetrics asks for (1.0.0, sections "MetricFamily", "Metric", "Histogram"). */
export class MetricOrder {
  readonly #samples: MergedSamples;
  readonly #table: SampleTable;
  readonly #blocks: BlockIndex;
  readonly #lines: WrittenLines;
  readonly #keys: MetricKeys;
  readonly #structure: FamilyStructure;

  constructor(samples: MergedSamples, structure: FamilyStructure) {
    const { table, blocks, lines, keys } = samples;
    this.#samples = samples;
    this.#table = table;
    this.#blocks = blocks;
    this.#lines = lines;
    this.#keys = keys;
    this.#structure = structure;
  }

  /**
   * The lines of each metric together, in order of time, buckets in order of their bounds. Undefined if the family's blocks, one
   * after the other, are in this order.
   */
  reorderedLines(family: PlannedFamily): readonly SampleLine[] | undefined {
    const blocks = this.#blocks.blocksOf(family.sampleNames);
    const keyOf = this.#regroupingKeys(family, blocks);
    return keyOf === undefined ? undefined : this.#gathered(blocks, keyOf, family);
  }

  /** Keys to gather the metrics by; undefined if they are together and in order. */
  #regroupingKeys(family: PlannedFamily, blocks: readonly number[]): KeyOf | undefined {
    const { type, name, sampleNames } = family;
    if (this.#structure.isKnownInOrder(family)) return undefined;
    const hasOneLineEach = sampleNames.length === 1 && ONE_LINE_TYPES.includes(type);
    if (hasOneLineEach && !this.#blocks.haveFlag(blocks, HAS_TIMESTAMP)) return undefined;
    if (areMetricsInPlace(this.#samples, family)) return undefined;
    const hashOf = this.#keys.hashKeys(type, name);
    const seen = new SeriesIndex(this.#blocks.countSamples(blocks));
    const repeated = new Set<MetricKey>();
    let disorder = 0;
    let last: MetricKey = NaN;
    let lastTimestamp = -Infinity;
    let lastSource = -1;
    this.#blocks.forEachSample(blocks, (sample, block) => {
      const key = hashOf(sample, block);
      const timestamp = this.#table.timeOf(sample);
      const source = this.#blocks.sourceOf(block);
      const isSame = key === last && source === lastSource;
      if (!isSame && seen.add(sample, key) !== undefined) repeated.add(key);
      if (isSame && timestamp < lastTimestamp) disorder++;
      disorder += (this.#table.flags[sample] ?? 0) & IS_OUT_OF_ORDER;
      last = key;
      lastTimestamp = timestamp;
      lastSource = source;
    });
    return disorder > 0 || repeated.size > 0 ? this.#keys.finerKeys(repeated, type, name) : undefined;
  }

  #gathered(blocks: readonly number[], keyOf: KeyOf, { type, name }: PlannedFamily): readonly SampleLine[] {
    const metrics = new Map<MetricKey, SampleLine[]>();
    this.#blocks.forEachSample(blocks, (sample, block) => {
      const key = keyOf(sample, block);
      const metric = metrics.get(key);
      if (metric === undefined) metrics.set(key, [{ sample, block }]);
      else metric.push({ sample, block });
    });
    const hasBuckets = boundLabel(type) === 'le';
    return [...metrics.values()].flatMap((metric) => {
      const byTime = metric.sort((a, b) =>
        compare(this.#table.timeOf(a.sample), this.#table.timeOf(b.sample)),
      );
      return hasBuckets ? this.#withBucketsInOrder(byTime, name) : byTime;
    });
  }

  #withBucketsInOrder(lines: readonly SampleLine[], family: string): readonly SampleLine[] {
    const isBucket = ({ block }: SampleLine): boolean => this.#keys.suffixOf(block, family) === '_bucket';
    const hasBadBound = ({ sample }: SampleLine): boolean =>
      ((this.#table.flags[sample] ?? 0) & (HAS_LE | HAS_BAD_LE)) !== HAS_LE;
    // Such a family is demoted, unless it is our own.
    if (lines.some((line) => isBucket(line) && hasBadBound(line))) return lines;
    const buckets = lines
      .filter(isBucket)
      .map((line) => ({
        line,
        time: this.#table.timeOf(line.sample),
        bound: this.#lines.boundOf(line.sample),
      }))
      .sort((a, b) => compare(a.time, b.time) || compare(a.bound, b.bound))
      .map(({ line }) => line);
    let nth = 0;
    return lines.map((line) => (isBucket(line) ? (buckets[nth++] ?? line) : line));
  }
}

function compare(a: number, b: number): number {
  return a === b ? 0 : a < b ? -1 : 1;
}
