import { LineArena } from './line-arena.ts';
import { SampleLog } from './sample-log.ts';

/** The large memory of one merge, used again by the next. */
export class MergeMemory {
  readonly arena = new LineArena();
  readonly log = new SampleLog();

  reset(): void {
    this.arena.reset();
    this.log.reset();
  }
}
