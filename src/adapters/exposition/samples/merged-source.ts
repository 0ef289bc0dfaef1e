import type { Syntax } from '../../../domain/exposition/format.ts';
import type { FamilyList } from './family-list.ts';
import type { IdentityLabels } from './identity-labels.ts';

/** What was read from one body; its sample lines are in the arena. */
export interface BodyContents {
  readonly syntax: Syntax;
  /** Samples in the body, those left out included. */
  readonly samples: number;
  /** What its lines and names take, about. */
  readonly heldBytes: number;
  /** Samples and exemplars that the output's format can't hold. */
  readonly unrepresentable: number;
  readonly families: FamilyList;
}

/** A source that has been added, with its place in the table. */
export interface MergedSource {
  readonly rank: number;
  readonly isOwn: boolean;
  readonly contents: BodyContents;
  readonly identity: IdentityLabels;
  readonly firstBlock: number;
  readonly endBlock: number;
}
