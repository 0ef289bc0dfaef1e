import type { OutputFormat } from '../../domain/exposition/format.ts';
import type { LabelTemplate } from './label-template.ts';
import type { NamePool } from './name-pool.ts';

/** What the parts of one merge share. */
export interface MergeContext {
  readonly output: OutputFormat;
  readonly honorsLabels: boolean;
  readonly seed: number;
  readonly names: NamePool;
  /** By name; valid for one set of identity labels. */
  readonly templates: Map<number, LabelTemplate>;
}
