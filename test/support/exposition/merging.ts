import { negotiateFormat, type OutputFormat } from '../../../src/domain/exposition/format.ts';
import type { Label } from '../../../src/domain/targets/label.ts';
import type {
  MergedExposition,
  MetricsRelabeler,
  SourceReport,
} from '../../../src/domain/exposition/metrics-relabeler.ts';
import type { TypeConflict } from '../../../src/domain/exposition/families/type-conflict.ts';

export const TEXT_TYPE = 'text/plain; version=0.0.4; charset=utf-8';
export const OPENMETRICS_TYPE = 'application/openmetrics-text; version=1.0.0; charset=utf-8';

export const TEXT = negotiateFormat('text/plain;version=0.0.4', 'auto');
export const OPENMETRICS = negotiateFormat('application/openmetrics-text;version=1.0.0', 'auto');
export const TEXT_UTF8 = negotiateFormat('text/plain;version=1.0.0;escaping=allow-utf-8', 'auto');
export const OPENMETRICS_UTF8 = negotiateFormat('application/openmetrics-text;escaping=allow-utf-8', 'auto');
export const FORMATS: readonly OutputFormat[] = [TEXT, OPENMETRICS, TEXT_UTF8, OPENMETRICS_UTF8];

/** One body of a test's merge. */
export interface TestSource {
  /** The body; a string is UTF-8. */
  readonly body: string | Uint8Array;
  readonly syntax?: 'text' | 'openmetrics';
  /** Default: container_name `a`, `b`, … by place. */
  readonly labels?: readonly Label[];
  readonly isOwn?: boolean;
  readonly sampleLimit?: number;
}

export interface TestMerge {
  readonly reports: readonly SourceReport[];
  readonly conflicts: readonly TypeConflict[];
  readonly text: string;
  readonly duplicateSamples: number;
  readonly unrepresentable: number;
}

/** Merges the sources in their order and returns all that came of it; the engine's memory is given back. */
export function mergeAll(
  relabeler: MetricsRelabeler,
  sources: readonly TestSource[],
  format: OutputFormat,
  honorsLabels = false,
): TestMerge {
  const merge = relabeler.start({ format, honorsLabels });
  const reports = sources.map((source, rank) =>
    merge.add({
      labels: source.labels ?? [{ name: 'container_name', value: String.fromCharCode(0x61 + rank) }],
      body: typeof source.body === 'string' ? Buffer.from(source.body) : source.body,
      contentType: source.syntax === 'openmetrics' ? OPENMETRICS_TYPE : TEXT_TYPE,
      sampleLimit: source.sampleLimit ?? 0,
      rank,
      ...(source.isOwn === undefined ? {} : { isOwn: source.isOwn }),
    }),
  );
  const conflicts = merge.typeConflicts();
  const merged = merge.finish();
  const { duplicateSamples, unrepresentable } = merged;
  const text = textOf(merged);
  merged.release();
  return { reports, conflicts, text, duplicateSamples, unrepresentable };
}

export function textOf({ chunks }: MergedExposition): string {
  return Buffer.concat(chunks).toString();
}
