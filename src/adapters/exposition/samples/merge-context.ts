import type { OutputFormat } from '../../../domain/exposition/format.ts';
import type { MergeMemory } from './merge-memory.ts';
import type { NamePool } from './name-table.ts';

/** What the parts of one merge share. */
export interface MergeContext {
  readonly output: OutputFormat;
  readonly honorsLabels: boolean;
  readonly names: NamePool;
  readonly memory: MergeMemory;
}
