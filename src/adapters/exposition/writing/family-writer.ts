import { escapedHelp, escapedLabelValue } from '../../../domain/exposition/escape.ts';
import type { PlannedFamily } from '../../../domain/exposition/families/family-plan.ts';
import type { Syntax } from '../../../domain/exposition/format.ts';
import { allowsExemplar } from '../../../domain/exposition/metric-type.ts';
import { isClassicMetricName } from '../../../domain/exposition/name.ts';
import { SYNTAX_RULES, type SyntaxRules } from '../../../domain/exposition/syntax-rules.ts';
import { metricTypeWord } from '../../../domain/exposition/type-word.ts';
import { HAS_EXEMPLAR, IS_DROPPED } from '../engine/sample-flags.ts';
import type { MergedSamples } from '../merging/merged-samples.ts';
import type { MetricOrder } from '../merging/metric-order.ts';
import type { ChunkWriter } from './chunk-writer.ts';

/** HELP, TYPE and UNIT lines of a family: a plan, which is for one syntax, comes again from scrape to scrape. */
const METADATA = new WeakMap<PlannedFamily, string>();

/** Writes the families of an answer: their metadata, then their samples' lines, block by block where that is their order. */
export class FamilyWriter {
  readonly #to: ChunkWriter;
  readonly #samples: MergedSamples;
  readonly #order: MetricOrder;
  readonly #syntax: Syntax;
  readonly #rules: SyntaxRules;
  #lostExemplars = 0;

  constructor(to: ChunkWriter, samples: MergedSamples, order: MetricOrder, syntax: Syntax) {
    this.#to = to;
    this.#samples = samples;
    this.#order = order;
    this.#syntax = syntax;
    this.#rules = SYNTAX_RULES[syntax];
  }

  /** Exemplars left out because their family's type has no place for them. */
  get lostExemplars(): number {
    return this.#lostExemplars;
  }

  write(family: PlannedFamily): void {
    this.#to.appendText(this.#metadata(family));
    const blocks = this.#samples.blocks.blocksOf(family.sampleNames);
    const reordered = this.#rules.groupsMetrics ? this.#order.reorderedLines(family) : undefined;
    const strips = this.#rules.hasExemplars && this.#mustStripExemplars(family, blocks);
    if (reordered === undefined && !strips) {
      this.#writeBlocks(blocks);
      return;
    }
    const write = (sample: number, block: number): void => {
      if (strips && this.#hasMisplacedExemplar(sample, block, family)) this.#writeStripped(sample, block);
      else this.#writeLine(sample, block);
    };
    if (reordered === undefined) this.#samples.blocks.forEachSample(blocks, write);
    else for (const { sample, block } of reordered) write(sample, block);
  }

  /** Blocks that are back to back in the arena are written together: those of one source's histogram are. */
  #writeBlocks(blocks: readonly number[]): void {
    const { blockStarts, blockEnds, blockFlags } = this.#samples.table;
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
      if (!isWhole) this.#samples.blocks.forEachSample([block], (sample) => this.#writeLine(sample, block));
    }
    if (end > start) this.#to.appendRange(start, end);
  }

  #writeLine(sample: number, block: number): void {
    const { start, end } = this.#samples.lines.rangeOf(sample, block);
    this.#to.appendRange(start, end);
  }

  #writeStripped(sample: number, block: number): void {
    this.#lostExemplars++;
    const { start, end } = this.#samples.lines.rangeWithoutExemplar(sample, block);
    this.#to.appendRange(start, end);
    this.#to.appendText('\n');
  }

  #metadata(family: PlannedFamily): string {
    let text = METADATA.get(family);
    if (text === undefined) {
      text = this.#writtenMetadata(family);
      METADATA.set(family, text);
    }
    return text;
  }

  #writtenMetadata({ name, type, help, unit }: PlannedFamily): string {
    const written = isClassicMetricName(name) ? name : `"${escapedLabelValue(decoded(name))}"`;
    const helpLine = help === '' ? '' : `# HELP ${written} ${escapedHelp(help, this.#syntax)}\n`;
    const unitLine = unit === '' || !this.#rules.hasUnit ? '' : `# UNIT ${written} ${decoded(unit)}\n`;
    return `${helpLine}# TYPE ${written} ${metricTypeWord(type, this.#syntax)}\n${unitLine}`;
  }

  #mustStripExemplars({ type, sampleNames }: PlannedFamily, blocks: readonly number[]): boolean {
    if (sampleNames.every((name) => allowsExemplar(type, name))) return false;
    return this.#samples.blocks.haveFlag(blocks, HAS_EXEMPLAR);
  }

  #hasMisplacedExemplar(sample: number, block: number, { type, name }: PlannedFamily): boolean {
    const { table, keys } = this.#samples;
    if (((table.flags[sample] ?? 0) & HAS_EXEMPLAR) === 0) return false;
    return !allowsExemplar(type, name + keys.suffixOf(block, name));
  }
}

/** Names and units have one character per byte. */
function decoded(latin1: string): string {
  return Buffer.from(latin1, 'latin1').toString();
}
