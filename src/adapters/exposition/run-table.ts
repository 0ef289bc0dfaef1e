import type { SampleLog } from './sample-log.ts';

/** The runs of all sources by sample name, in the order in which they go out. */
export class RunTable {
  readonly #log: SampleLog;
  readonly #runsByName = new Map<number, number[]>();
  readonly #order: Int32Array;
  #count = 0;

  constructor(log: SampleLog) {
    this.#log = log;
    this.#order = new Int32Array(log.runs);
  }

  /** Appends the runs [first, end) of the source that comes next. */
  append(first: number, end: number): void {
    for (let run = first; run < end; run++) {
      this.#order[run] = this.#count++;
      const name = this.#log.runNames[run] ?? 0;
      const runs = this.#runsByName.get(name);
      if (runs === undefined) this.#runsByName.set(name, [run]);
      else runs.push(run);
    }
  }

  /** The runs of the names, in order. */
  runsOf(names: readonly number[]): readonly number[] {
    const [first, ...others] = names.map((name) => this.#runsByName.get(name) ?? []);
    if (first === undefined || others.length === 0) return first ?? [];
    return [first, ...others].flat().sort((a, b) => (this.#order[a] ?? 0) - (this.#order[b] ?? 0));
  }

  /** Calls back for every sample of the runs, in order. */
  forEachSample(runs: readonly number[], visit: (sample: number, run: number) => void): void {
    for (const run of runs) {
      const end = this.#log.endOfRun(run);
      for (let sample = this.#log.runFirstSamples[run] ?? 0; sample < end; sample++) visit(sample, run);
    }
  }
}
