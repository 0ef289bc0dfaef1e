import type { InputSyntax } from '../../domain/exposition/format.ts';
import type { PlannedFamily } from '../../domain/exposition/family-plan.ts';
import type { MetricType } from '../../domain/exposition/metric-type.ts';
import type { NamePool } from './name-pool.ts';
import type { RunTable } from './run-table.ts';
import {
  HAS_BAD_LE,
  HAS_BAD_QUANTILE,
  HAS_LE,
  HAS_QUANTILE,
  HAS_TIMESTAMP,
  IS_INF_BUCKET,
  IS_OUT_OF_ORDER,
} from './sample-flags.ts';
import type { SampleLog } from './sample-log.ts';
import type { WrittenLines } from './written-lines.ts';

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

/** What a metric has at one time: the metric's number, with the time where there is one. */
type Point = number | string;

/** Looks at the samples of a family as the metrics and points that OpenMetrics makes of them. */
export class SampleGroups {
  readonly #log: SampleLog;
  readonly #names: NamePool;
  readonly #runs: RunTable;
  readonly #lines: WrittenLines;

  constructor(log: SampleLog, names: NamePool, runs: RunTable, lines: WrittenLines) {
    this.#log = log;
    this.#names = names;
    this.#runs = runs;
    this.#lines = lines;
  }

  /**
   * Do the samples have the structure of their type, so that the strictest reader takes them? In text: `le` and `quantile`
   * are numbers (expfmt). In OpenMetrics 1.0.0 (sections "Histogram", "Summary", "StateSet", "Timestamps"): they are there
   * as well, every point has its `+Inf` bucket and either both or neither of sum and count, and either all or none of
   * a metric's samples have a timestamp.
   */
  fitsType(family: PlannedFamily, syntax: InputSyntax): boolean {
    const { type, name } = family;
    if (type === 'unknown' || type === 'gauge') return true;
    const runs = this.runsOf(family);
    if (syntax === 'text') {
      if (type === 'histogram') return !this.#hasFlag(runs, HAS_BAD_LE);
      return type !== 'summary' || !this.#hasFlag(runs, HAS_BAD_QUANTILE);
    }
    if (!this.#hasEvenTimestamps(runs, type, name)) return false;
    switch (type) {
      case 'histogram':
      case 'gaugehistogram':
        return this.#hasWholePoints(runs, name);
      case 'summary':
        return this.#haveQuantiles(runs, name);
      case 'stateset':
        return this.#lines.haveLabel(runs, name);
      default:
        return true;
    }
  }

  /** Must the samples be put in another order, so that those of a metric stand together (OpenMetrics, "MetricFamily")? */
  isScattered(family: PlannedFamily): boolean {
    const { type, name, sampleNames } = family;
    const runs = this.runsOf(family);
    const hasOneLineEach = sampleNames.length === 1 && ONE_LINE_TYPES.includes(type);
    if (hasOneLineEach && !this.#hasFlag(runs, HAS_TIMESTAMP)) return false;
    const seen = new Set<number>();
    let isScattered = false;
    let last = NaN;
    let lastTimestamp = -Infinity;
    let lastSource = -1;
    this.#forEachInGroup(runs, type, name, (sample, group, run) => {
      const timestamp = this.#log.timeOf(sample);
      const source = this.#runs.sourceOf(run);
      if (group === last) isScattered ||= timestamp < lastTimestamp || source !== lastSource;
      else {
        isScattered ||= seen.has(group);
        seen.add(group);
      }
      isScattered ||= ((this.#log.flags[sample] ?? 0) & IS_OUT_OF_ORDER) !== 0;
      last = group;
      lastTimestamp = timestamp;
      lastSource = source;
    });
    return isScattered;
  }

  runsOf({ sampleNames }: PlannedFamily): readonly number[] {
    return this.#runs.runsOf(sampleNames.map((name) => this.#names.internLatin1(name)));
  }

  /** A number for the metric that a sample belongs to: its labels without `le`, `quantile` or the state. */
  groupOf(sample: number, run: number, type: MetricType, family: string): number {
    const labels = this.#log.labelHashes[sample] ?? 0;
    if (type === 'stateset') return (labels - this.#lines.labelHash(sample, family)) | 0;
    return this.#isBound(run, type, family) ? (labels - this.#boundHash(sample, type)) | 0 : labels;
  }

  /** What the label that is the bound in this type adds to the hash of the sample's labels: the log has that of `le` first. */
  #boundHash(sample: number, type: MetricType): number {
    const hash = this.#log.boundHashes[sample] ?? 0;
    const hasLe = ((this.#log.flags[sample] ?? 0) & HAS_LE) !== 0;
    if (type === 'summary') return hasLe ? this.#lines.labelHash(sample, 'quantile') : hash;
    return hasLe ? hash : 0;
  }

  /** Are the samples of the run told apart by `le` or `quantile` within their metric? */
  #isBound(run: number, type: MetricType, family: string): boolean {
    const suffix = this.suffixOf(run, family);
    if (type === 'summary') return suffix === '';
    return suffix === '_bucket' && (type === 'histogram' || type === 'gaugehistogram');
  }

  #forEachInGroup(
    runs: readonly number[],
    type: MetricType,
    family: string,
    visit: (sample: number, group: number, run: number) => void,
  ): void {
    const { labelHashes } = this.#log;
    let lastRun = -1;
    let isBound = false;
    this.#runs.forEachSample(runs, (sample, run) => {
      if (run !== lastRun) isBound = this.#isBound(run, type, family);
      lastRun = run;
      const labels = labelHashes[sample] ?? 0;
      const group = isBound ? (labels - this.#boundHash(sample, type)) | 0 : labels;
      visit(sample, type === 'stateset' ? this.groupOf(sample, run, type, family) : group, run);
    });
  }

  suffixOf(run: number, family: string): string {
    return this.#names.latin1Of(this.#log.runNames[run] ?? 0).slice(family.length);
  }

  #hasFlag(runs: readonly number[], flag: number): boolean {
    return this.#runs.haveFlag(runs, flag);
  }

  #haveQuantiles(runs: readonly number[], family: string): boolean {
    let haveAll = true;
    this.#forEachWithSuffix(runs, family, (sample, suffix) => {
      if (suffix !== '') return;
      const flags = this.#log.flags[sample] ?? 0;
      haveAll &&= (flags & (HAS_QUANTILE | HAS_BAD_QUANTILE)) === HAS_QUANTILE;
    });
    return haveAll;
  }

  #hasEvenTimestamps(runs: readonly number[], type: MetricType, family: string): boolean {
    if (!this.#hasFlag(runs, HAS_TIMESTAMP)) return true;
    const timed = new Map<number, number>();
    let isEven = true;
    this.#forEachInGroup(runs, type, family, (sample, group) => {
      // For readers all samples of an info family are one metric.
      const key = type === 'info' ? 0 : group;
      const timing = (this.#log.flags[sample] ?? 0) & HAS_TIMESTAMP;
      isEven &&= (timed.get(key) ?? timing) === timing;
      timed.set(key, timing);
    });
    return isEven;
  }

  /** A point is what a metric has at one time. */
  #hasWholePoints(runs: readonly number[], family: string): boolean {
    const points = new Map<Point, number>();
    let parts = 0;
    let lastKey: Point | undefined;
    let lastSource = -1;
    let badBuckets = 0;
    let disorder = 0;
    this.#forEachWithSuffix(runs, family, (sample, suffix, run) => {
      const flags = this.#log.flags[sample] ?? 0;
      const isBucket = suffix === '_bucket';
      const key = this.#pointOf(sample, isBucket);
      if (key !== lastKey) {
        if (lastKey !== undefined) points.set(lastKey, parts);
        parts = points.get(key) ?? 0;
        if (points.has(key)) disorder++;
        lastKey = key;
      } else if (this.#runs.sourceOf(run) !== lastSource) disorder++;
      lastSource = this.#runs.sourceOf(run);
      if (isBucket && (flags & (HAS_LE | HAS_BAD_LE)) !== HAS_LE) badBuckets++;
      disorder += flags & IS_OUT_OF_ORDER;
      parts |= isBucket ? flags & IS_INF_BUCKET : (PART_OF_SUFFIX.get(suffix) ?? 0);
    });
    if (lastKey !== undefined) points.set(lastKey, parts);
    if (badBuckets > 0 || ![...points.values()].every((all) => WHOLE_POINTS.includes(all))) return false;
    return disorder === 0 || this.#hasDifferentBounds(runs, family);
  }

  /** `le="1"` and `le="1.0"` are the same bound. */
  #hasDifferentBounds(runs: readonly number[], family: string): boolean {
    const seen = new Set<string>();
    let areDifferent = true;
    this.#runs.forEachSample(runs, (sample, run) => {
      if (this.suffixOf(run, family) !== '_bucket') return;
      const bound = `${this.#pointOf(sample, true)} ${this.#lines.boundOf(sample)}`;
      areDifferent &&= !seen.has(bound);
      seen.add(bound);
    });
    return areDifferent;
  }

  #pointOf(sample: number, isBucket: boolean): Point {
    const labels = this.#log.labelHashes[sample] ?? 0;
    const group = isBucket ? (labels - (this.#log.boundHashes[sample] ?? 0)) | 0 : labels;
    const milliseconds = this.#log.timestamps[sample] ?? 0;
    return milliseconds === 0 ? group : `${group} ${milliseconds}`;
  }

  #forEachWithSuffix(
    runs: readonly number[],
    family: string,
    visit: (sample: number, suffix: string, run: number) => void,
  ): void {
    let lastRun = -1;
    let suffix = '';
    this.#runs.forEachSample(runs, (sample, run) => {
      if (run !== lastRun) suffix = this.suffixOf(run, family);
      lastRun = run;
      visit(sample, suffix, run);
    });
  }
}
