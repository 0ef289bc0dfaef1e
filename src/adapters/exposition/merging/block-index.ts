import { IS_LEFT_OUT } from '../engine/sample-flags.ts';
import type { SampleLog } from '../samples/sample-table.ts';

/** The runs of all sources by sample name, in the order in which they go out. */
export class RunTable {
  readonly #log: SampleLog;
  readonly #runsByName = new Map<number, number[]>();
  /** Of several names, which are asked for again and again. */
  readonly #runsByNames = new Map<string, readonly number[]>();
  readonly #order: Int32Array;
  readonly #sources: Int32Array;
  #runCount = 0;
  #sourceCount = 0;

  constructor(log: SampleLog) {
    this.#log = log;
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

  /** The sample names that have runs. */
  get names(): Iterable<number> {
    return this.#runsByName.keys();
  }

  /** The runs of the names, in order, once all sources are there: the same array each time. */
  runsOf(names: readonly number[]): readonly number[] {
    const [first, ...others] = names;
    if (first === undefined) return [];
    if (others.length === 0) return this.#runsByName.get(first) ?? [];
    const key = names.toSorted((a, b) => a - b).join();
    let runs = this.#runsByNames.get(key);
    if (runs === undefined) {
      runs = names
        .flatMap((name) => this.#runsByName.get(name) ?? [])
        .sort((a, b) => (this.#order[a] ?? 0) - (this.#order[b] ?? 0));
      this.#runsByNames.set(key, runs);
    }
    return runs;
  }

  /** The place of a run's source. */
  sourceOf(run: number): number {
    return this.#sources[run] ?? 0;
  }

  /** Does a sample of the runs that goes out have the flag? */
  haveFlag(runs: readonly number[], flag: number): boolean {
    const { flags, runFlags } = this.#log;
    return runs.some((run) => {
      const all = runFlags[run] ?? 0;
      if ((all & flag) === 0 || (all & IS_LEFT_OUT) === 0) return (all & flag) !== 0;
      let isThere = false;
      this.forEachSample([run], (sample) => (isThere ||= ((flags[sample] ?? 0) & flag) !== 0));
      return isThere;
    });
  }

  /** Calls back for every sample of the runs that goes out, in order. */
  forEachSample(runs: readonly number[], visit: (sample: number, run: number) => void): void {
    const { flags, runFlags } = this.#log;
    for (const run of runs) {
      const end = this.#log.endOfRun(run);
      const isWhole = ((runFlags[run] ?? 0) & IS_LEFT_OUT) === 0;
      for (let sample = this.#log.firstOfRun(run); sample < end; sample++) {
        if (isWhole || ((flags[sample] ?? 0) & IS_LEFT_OUT) === 0) visit(sample, run);
      }
    }
  }
}
