import { escapedHelp, escapedLabelValue } from '../../../domain/exposition/escape.ts';
import type { PlannedFamily } from '../../../domain/exposition/family-plan.ts';
import type { InputSyntax } from '../../../domain/exposition/format.ts';
import { allowsExemplar, metricTypeWord } from '../../../domain/exposition/metric-type.ts';
import { isClassicMetricName } from '../../../domain/exposition/name.ts';
import type { ChunkWriter } from './chunk-writer.ts';
import type { KeyOf, MetricKey, MetricKeys } from '../merging/metric-keys.ts';
import type { RunTable } from '../merging/block-index.ts';
import type { SampleGroups } from '../merging/family-structure.ts';
import { HAS_BAD_LE, HAS_EXEMPLAR, HAS_LE, IS_LEFT_OUT } from '../engine/sample-flags.ts';
import type { SampleLog } from '../samples/sample-table.ts';
import type { WrittenLines } from '../merging/written-lines.ts';

interface Line {
  readonly sample: number;
  readonly run: number;
}

/** What is known of the samples of an answer. */
interface FamilyParts {
  readonly runs: RunTable;
  readonly lines: WrittenLines;
  readonly keys: MetricKeys;
  readonly groups: SampleGroups;
}

/** Writes the families of an answer: their metadata, then their samples' lines, taken from the arena in runs. */
export class FamilyWriter {
  readonly #to: ChunkWriter;
  readonly #log: SampleLog;
  readonly #runs: RunTable;
  readonly #groups: SampleGroups;
  readonly #lines: WrittenLines;
  readonly #keys: MetricKeys;
  readonly #syntax: InputSyntax;
  #lostExemplars = 0;

  constructor(to: ChunkWriter, log: SampleLog, parts: FamilyParts, syntax: InputSyntax) {
    this.#to = to;
    this.#log = log;
    this.#runs = parts.runs;
    this.#groups = parts.groups;
    this.#lines = parts.lines;
    this.#keys = parts.keys;
    this.#syntax = syntax;
  }

  /** Exemplars left out because their family's type has no place for them. */
  get lostExemplars(): number {
    return this.#lostExemplars;
  }

  write(family: PlannedFamily): void {
    this.#to.appendText(this.#metadata(family));
    const runs = this.#groups.runsOf(family);
    const keyOf = this.#syntax === 'openmetrics' ? this.#groups.keysIfScattered(family) : undefined;
    const strips = this.#syntax === 'openmetrics' && this.#mustStripExemplars(family, runs);
    if (keyOf === undefined && !strips) {
      this.#writeRuns(runs);
      return;
    }
    const lines: Line[] = [];
    this.#runs.forEachSample(runs, (sample, run) => lines.push({ sample, run }));
    for (const { sample, run } of keyOf === undefined ? lines : this.#gathered(lines, keyOf, family)) {
      if (strips && this.#hasMisplacedExemplar(sample, run, family)) {
        this.#lostExemplars++;
        const { start, end } = this.#lines.rangeWithoutExemplar(sample, run);
        this.#to.appendRange(start, end);
        this.#to.appendText('\n');
      } else this.#writeLine(sample, run);
    }
  }

  /** Runs that stand one behind the other go out together: those of one source's histogram do. */
  #writeRuns(runs: readonly number[]): void {
    const { runStarts, runEnds, runFlags } = this.#log;
    let start = 0;
    let end = 0;
    for (const run of runs) {
      const runStart = runStarts[run] ?? 0;
      const isWhole = ((runFlags[run] ?? 0) & IS_LEFT_OUT) === 0;
      if (runStart !== end || !isWhole) {
        if (end > start) this.#to.appendRange(start, end);
        start = runStart;
      }
      end = isWhole ? (runEnds[run] ?? 0) : start;
      if (!isWhole) this.#runs.forEachSample([run], (sample) => this.#writeLine(sample, run));
    }
    if (end > start) this.#to.appendRange(start, end);
  }

  #writeLine(sample: number, run: number): void {
    const { start, end } = this.#lines.rangeOf(sample, run);
    this.#to.appendRange(start, end);
  }

  #metadata({ name, type, help, unit }: PlannedFamily): string {
    const written = isClassicMetricName(name) ? name : `"${escapedLabelValue(decoded(name))}"`;
    const helpLine = help === '' ? '' : `# HELP ${written} ${escapedHelp(help, this.#syntax)}\n`;
    const unitLine = unit === '' || this.#syntax === 'text' ? '' : `# UNIT ${written} ${decoded(unit)}\n`;
    return `${helpLine}# TYPE ${written} ${metricTypeWord(type, this.#syntax)}\n${unitLine}`;
  }

  #mustStripExemplars({ type, sampleNames }: PlannedFamily, runs: readonly number[]): boolean {
    if (sampleNames.every((name) => allowsExemplar(type, name))) return false;
    return this.#runs.haveFlag(runs, HAS_EXEMPLAR);
  }

  #hasMisplacedExemplar(sample: number, run: number, { type, name }: PlannedFamily): boolean {
    if (((this.#log.flags[sample] ?? 0) & HAS_EXEMPLAR) === 0) return false;
    return !allowsExemplar(type, name + this.#keys.suffixOf(run, name));
  }

  /** The lines of each metric together, in order of time; buckets by their bounds. */
  #gathered(lines: readonly Line[], keyOf: KeyOf, { type, name }: PlannedFamily): readonly Line[] {
    const groups = new Map<MetricKey, Line[]>();
    for (const line of lines) {
      const key = keyOf(line.sample, line.run);
      const group = groups.get(key);
      if (group === undefined) groups.set(key, [line]);
      else group.push(line);
    }
    const isHistogram = type === 'histogram' || type === 'gaugehistogram';
    return [...groups.values()].flatMap((group) => {
      const byTime = group.sort((a, b) => compare(this.#log.timeOf(a.sample), this.#log.timeOf(b.sample)));
      return isHistogram ? this.#withBucketsInOrder(byTime, name) : byTime;
    });
  }

  #withBucketsInOrder(lines: readonly Line[], family: string): readonly Line[] {
    const isBucket = ({ run }: Line): boolean => this.#keys.suffixOf(run, family) === '_bucket';
    const hasOddBound = ({ sample }: Line): boolean =>
      ((this.#log.flags[sample] ?? 0) & (HAS_LE | HAS_BAD_LE)) !== HAS_LE;
    // Such a family is demoted, unless it is our own.
    if (lines.some((line) => isBucket(line) && hasOddBound(line))) return lines;
    const buckets = lines
      .filter(isBucket)
      .map((line) => ({
        line,
        time: this.#log.timeOf(line.sample),
        bound: this.#lines.boundOf(line.sample),
      }))
      .sort((a, b) => compare(a.time, b.time) || compare(a.bound, b.bound))
      .map(({ line }) => line);
    let nth = 0;
    return lines.map((line) => (isBucket(line) ? (buckets[nth++] ?? line) : line));
  }
}

/** Names and units have one character per byte. */
function decoded(latin1: string): string {
  return Buffer.from(latin1, 'latin1').toString();
}

function compare(a: number, b: number): number {
  return a === b ? 0 : a < b ? -1 : 1;
}
