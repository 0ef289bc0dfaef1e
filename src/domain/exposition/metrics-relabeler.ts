import type { Body } from '../fetching/body.ts';
import type { Failure } from '../fetching/failure.ts';
import type { Label } from '../targets/label.ts';
import type { OutputFormat } from './format.ts';
import type { TypeConflict } from './families/type-conflict.ts';

/** One exposition that goes into the merged one. */
export interface ExpositionSource {
  /** Added first to every sample, in this order. Names are valid label names; values any text. */
  readonly labels: readonly Label[];
  /**
   * The exposition. A Body is retained by the merge for as long as it needs it (the caller may release its own hold as
   * soon as `add` returns); plain bytes must stay as they are until the merge is done.
   */
  readonly body: Body | Uint8Array;
  /** Decides how the bytes are read. Missing or generic: text 0.0.4. */
  readonly contentType: string | undefined;
  /** Samples allowed; 0 for any number. */
  readonly sampleLimit: number;
  /** Place among the sources: the lower one is written first, and its HELP and TYPE text wins. Unique within a merge. */
  readonly rank: number;
  /**
   * Our own families: they are written before all others and keep their type and samples against any target. They come as text, too,
   * although we could hand them over as objects: with one way in for all, the rules for names, labels and duplicates exist once.
   */
  readonly isOwn?: boolean;
}

/** The settings of a whole merge. */
export interface MergeOptions {
  readonly format: OutputFormat;
  /** Prometheus' honor_labels: a sample's own identity label stays and ours is not added to that sample. */
  readonly honorsLabels: boolean;
  /**
   * Approximate bytes of memory for all lines and names; one source may take half of it. A source that would take more is
   * `over_budget`. Default: any number.
   */
  readonly maxHeldBytes?: number;
}

/** The outcome for one source. Samples are counted as the body has them, duplicates included. */
export type SourceReport = { readonly ok: true; readonly samples: number } | Failure;

/** The result of a merge. */
export interface MergedExposition {
  readonly contentType: string;
  /** The text, in this order; valid until `release`. */
  readonly chunks: readonly Uint8Array[];
  readonly byteLength: number;
  /** Samples left out because their series and timestamp occurred before. */
  readonly duplicateSamples: number;
  /**
   * Exemplars and samples that the output can't hold and that were left out: for their timestamp, their label names, or a family of
   * our own that they would break.
   */
  readonly unrepresentable: number;
  /** To be called once, when the chunks have been sent or nobody wants them. */
  release(): void;
}

/** One merge under way. */
export interface Merge {
  /**
   * Reads and checks a source. A failure (`malformed`, `unsupported_content_type`, `too_many_samples`, `over_budget`) leaves the merge
   * as it was before: nothing of that source is written. Sources may come in any order.
   */
  add(source: ExpositionSource): SourceReport;
  /** The conflicts among what was added so far. */
  typeConflicts(): readonly TypeConflict[];
  /** Writes the merged exposition. The merge is done. */
  finish(): MergedExposition;
  /** Gives everything back without an answer. The merge is done. */
  discard(): void;
}

/** Takes expositions with their labels and makes the one merged exposition. */
export interface MetricsRelabeler {
  /** Begins a merge; several may be under way. */
  start(options: MergeOptions): Merge;
}
