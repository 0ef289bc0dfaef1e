import type { Syntax } from '../../../domain/exposition/format.ts';
import type { FamilyList } from './family-list.ts';
import type { IdentityLabels } from './identity-labels.ts';

/** The contents of one body, but for its sample lines, which are in the arena. */
export interface BodyContents {
  readonly syntax: Syntax;
  /** Samples in the body, dropped ones included. */
  readonly samples: number;
  /** Approximate memory for its lines and names. */
  readonly heldBytes: number;
  /** Samples and exemplars that the output's format can't hold. */
  readonly unrepresentable: number;
  readonly families: FamilyList;
}

/** A source that has been added, with its blocks in the sample table. */
export interface MergedSource {
  readonly rank: number;
  readonly isOwn: boolean;
  readonly contents: BodyContents;
  readonly identity: IdentityLabels;
  readonly firstBlock: number;
  readonly endBlock: number;
}
