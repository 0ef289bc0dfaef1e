import type { InputSyntax } from '../../../domain/exposition/format.ts';
import type { BodyOutline } from './family-list.ts';
import type { IdentityLabels } from './identity-labels.ts';

/** What was read from one body; its sample lines are in the arena. */
export interface ScannedBody {
  readonly syntax: InputSyntax;
  /** Samples in the body, those left out included. */
  readonly samples: number;
  /** What its lines and names take, about. */
  readonly heldBytes: number;
  /** Samples and exemplars that the output's format can't hold. */
  readonly unrepresentable: number;
  readonly outline: BodyOutline;
}

/** A source that has been added, with its place in the log. */
export interface MergedSource {
  readonly rank: number;
  readonly isOwn: boolean;
  readonly scanned: ScannedBody;
  readonly identity: IdentityLabels;
  readonly firstRun: number;
  readonly endRun: number;
}
