import type { SampleLog } from './sample-log.ts';

/** The runs of all sources by sample name, in the order in which they go out. */
export class RunTable {
  /** Are there samples in the runs that don't go out? */
  readonly hasDuplicates: boolean;
  readonly #log: SampleLog;
  readonly #duplicates: ReadonlySet<number>;
  readonly #runsByName = new Map<number, number[]>();
  readonly #order: Int32Array;
  readonly #sources: Int32Array;
  #runCount = 0;
  #sourceCount = 0;

  constructor(log: SampleLog, duplicates: ReadonlySet<number>) {
    this.#log = log;
    this.#duplicates = duplicates;
    this.hasDuplicates = duplicates.size > 0;
    this.#order = new Int32Array(log.runs);
    this.#sources = new Int32Array(log.runs);
  }

  /** Appends the runs [first, end) of the source that comes next. */
  append(first: number, end: number): void {
    for (let run = first; run < end; run++) {
      this.#order[run] = this.#runCount++;
      this.#sources[run] = this.#sourceCount;
      const name = this.#log.runNames[run] ?? 0;
      const runs = this.#runsByName.get(name);
      if (runs === undefined) this.#runsByName.set(name, [run]);
      else runs.push(run);
    }
    this.#sourceCount++;
  }

  /** The runs of the names, in order. */
  runsOf(names: readonly number[]): readonly number[] {
    const [first, ...others] = names.map((name) => this.#runsByName.get(name) ?? []);
    if (first === undefined || others.length === 0) return first ?? [];
    return [first, ...others].flat().sort((a, b) => (this.#order[a] ?? 0) - (this.#order[b] ?? 0));
  }

  /** The place of a run's source. */
  sourceOf(run: number): number {
    return this.#sources[run] ?? 0;
  }

  /** Calls back for every sample of the runs that goes out, in order. */
  forEachSample(runs: readonly number[], visit: (sample: number, run: number) => void): void {
    for (const run of runs) {
      const end = this.#log.endOfRun(run);
      for (let sample = this.#log.runFirstSamples[run] ?? 0; sample < end; sample++) {
        if (!this.hasDuplicates || !this.#duplicates.has(sample)) visit(sample, run);
      }
    }
  }
}
