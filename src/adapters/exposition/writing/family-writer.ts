import { escapedHelp, escapedLabelValue } from '../../../domain/exposition/escape.ts';
import type { PlannedFamily } from '../../../domain/exposition/family-plan.ts';
import type { Syntax } from '../../../domain/exposition/format.ts';
import { allowsExemplar } from '../../../domain/exposition/metric-type.ts';
import { isClassicMetricName } from '../../../domain/exposition/name.ts';
import { metricTypeWord } from '../../../domain/exposition/type-word.ts';
import type { ChunkWriter } from './chunk-writer.ts';
import type { KeyOf, MetricKey, MetricKeys } from '../merging/metric-keys.ts';
import type { BlockIndex } from '../merging/block-index.ts';
import type { FamilyStructure } from '../merging/family-structure.ts';
import { HAS_BAD_LE, HAS_EXEMPLAR, HAS_LE, IS_DROPPED } from '../engine/sample-flags.ts';
import type { SampleTable } from '../samples/sample-table.ts';
import type { WrittenLines } from '../merging/written-lines.ts';

interface Line {
  readonly sample: number;
  readonly block: number;
}

/** What is known of the samples of an answer. */
interface FamilyParts {
  readonly blocks: BlockIndex;
  readonly lines: WrittenLines;
  readonly keys: MetricKeys;
  readonly groups: FamilyStructure;
}

/** Writes the families of an answer: their metadata, then their samples' lines, taken from the arena in blocks. */
export class FamilyWriter {
  readonly #to: ChunkWriter;
  readonly #table: SampleTable;
  readonly #blocks: BlockIndex;
  readonly #groups: FamilyStructure;
  readonly #lines: WrittenLines;
  readonly #keys: MetricKeys;
  readonly #syntax: Syntax;
  #lostExemplars = 0;

  constructor(to: ChunkWriter, table: SampleTable, parts: FamilyParts, syntax: Syntax) {
    this.#to = to;
    this.#table = table;
    this.#blocks = parts.blocks;
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
    const blocks = this.#groups.blocksOf(family);
    const keyOf = this.#syntax === 'openmetrics' ? this.#groups.regroupingKeys(family) : undefined;
    const strips = this.#syntax === 'openmetrics' && this.#mustStripExemplars(family, blocks);
    if (keyOf === undefined && !strips) {
      this.#writeBlocks(blocks);
      return;
    }
    const lines: Line[] = [];
    this.#blocks.forEachSample(blocks, (sample, block) => lines.push({ sample, block }));
    for (const { sample, block } of keyOf === undefined ? lines : this.#gathered(lines, keyOf, family)) {
      if (strips && this.#hasMisplacedExemplar(sample, block, family)) {
        this.#lostExemplars++;
        const { start, end } = this.#lines.rangeWithoutExemplar(sample, block);
        this.#to.appendRange(start, end);
        this.#to.appendText('\n');
      } else this.#writeLine(sample, block);
    }
  }

  /** Runs that stand one behind the other go out together: those of one source's histogram do. */
  #writeBlocks(blocks: readonly number[]): void {
    const { blockStarts, blockEnds, blockFlags } = this.#table;
    let start = 0;
    let end = 0;
    for (const block of blocks) {
      const blockStart = blockStarts[block] ?? 0;
      const isWhole = ((blockFlags[block] ?? 0) & IS_DROPPED) === 0;
      if (blockStart !== end || !isWhole) {
        if (end > start) this.#to.appendRange(start, end);
        start = blockStart;
      }
      end = isWhole ? (blockEnds[block] ?? 0) : start;
      if (!isWhole) this.#blocks.forEachSample([block], (sample) => this.#writeLine(sample, block));
    }
    if (end > start) this.#to.appendRange(start, end);
  }

  #writeLine(sample: number, block: number): void {
    const { start, end } = this.#lines.rangeOf(sample, block);
    this.#to.appendRange(start, end);
  }

  #metadata({ name, type, help, unit }: PlannedFamily): string {
    const written = isClassicMetricName(name) ? name : `"${escapedLabelValue(decoded(name))}"`;
    const helpLine = help === '' ? '' : `# HELP ${written} ${escapedHelp(help, this.#syntax)}\n`;
    const unitLine = unit === '' || this.#syntax === 'text' ? '' : `# UNIT ${written} ${decoded(unit)}\n`;
    return `${helpLine}# TYPE ${written} ${metricTypeWord(type, this.#syntax)}\n${unitLine}`;
  }

  #mustStripExemplars({ type, sampleNames }: PlannedFamily, blocks: readonly number[]): boolean {
    if (sampleNames.every((name) => allowsExemplar(type, name))) return false;
    return this.#blocks.haveFlag(blocks, HAS_EXEMPLAR);
  }

  #hasMisplacedExemplar(sample: number, block: number, { type, name }: PlannedFamily): boolean {
    if (((this.#table.flags[sample] ?? 0) & HAS_EXEMPLAR) === 0) return false;
    return !allowsExemplar(type, name + this.#keys.suffixOf(block, name));
  }

  /** The lines of each metric together, in order of time; buckets by their bounds. */
  #gathered(lines: readonly Line[], keyOf: KeyOf, { type, name }: PlannedFamily): readonly Line[] {
    const groups = new Map<MetricKey, Line[]>();
    for (const line of lines) {
      const key = keyOf(line.sample, line.block);
      const group = groups.get(key);
      if (group === undefined) groups.set(key, [line]);
      else group.push(line);
    }
    const isHistogram = type === 'histogram' || type === 'gaugehistogram';
    return [...groups.values()].flatMap((group) => {
      const byTime = group.sort((a, b) =>
        compare(this.#table.timeOf(a.sample), this.#table.timeOf(b.sample)),
      );
      return isHistogram ? this.#withBucketsInOrder(byTime, name) : byTime;
    });
  }

  #withBucketsInOrder(lines: readonly Line[], family: string): readonly Line[] {
    const isBucket = ({ block }: Line): boolean => this.#keys.suffixOf(block, family) === '_bucket';
    const hasOddBound = ({ sample }: Line): boolean =>
      ((this.#table.flags[sample] ?? 0) & (HAS_LE | HAS_BAD_LE)) !== HAS_LE;
    // Such a family is demoted, unless it is our own.
    if (lines.some((line) => isBucket(line) && hasOddBound(line))) return lines;
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

/** Names and units have one character per byte. */
function decoded(latin1: string): string {
  return Buffer.from(latin1, 'latin1').toString();
}

function compare(a: number, b: number): number {
  return a === b ? 0 : a < b ? -1 : 1;
}
