import { LineArena } from './line-arena.ts';
import { SampleLog } from './sample-log.ts';
import { SeriesIndex } from './series-index.ts';

/** The large memory of one merge, used again by the next. */
export class MergeMemory {
  readonly arena = new LineArena();
  readonly log = new SampleLog();
  readonly index = new SeriesIndex(this.log);

  reset(): void {
    this.arena.reset();
    this.index.reset(this.log.samples);
    this.log.reset();
  }
}
