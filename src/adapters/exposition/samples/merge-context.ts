import type { OutputFormat } from '../../../domain/exposition/format.ts';
import type { MergeMemory } from './merge-memory.ts';
import type { NameTable } from './name-table.ts';

/** Settings and memory of one merge, for all its parts. */
export interface MergeContext {
  readonly output: OutputFormat;
  readonly honorsLabels: boolean;
  readonly names: NameTable;
  readonly memory: MergeMemory;
}
