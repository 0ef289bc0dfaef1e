import { engine, reference } from './engine-and-reference.ts';
import { FORMATS, mergeAll, type TestMerge, type TestSource } from './merging.ts';

/** One merge that the engine and the reference are to make the same of. */
export interface MergeCase {
  /** Index in FORMATS. */
  readonly format: number;
  readonly honorsLabels: boolean;
  readonly sources: readonly TestSource[];
}

/** What comes of a case, in words that can be compared; a refusal's message is the engine's alone. */
export function outcomes(mergeCase: MergeCase): { readonly engine: unknown; readonly reference: unknown } {
  const format = FORMATS[mergeCase.format];
  if (format === undefined) throw new Error(`no format ${mergeCase.format}`);
  const outcomeOf = (relabeler: typeof engine | typeof reference): unknown => {
    try {
      return comparable(mergeAll(relabeler, mergeCase.sources, format, mergeCase.honorsLabels));
    } catch (error) {
      return { thrown: String(error) };
    }
  };
  return { engine: outcomeOf(engine), reference: outcomeOf(reference) };
}

function comparable(merge: TestMerge): unknown {
  const reports = merge.reports.map((report) => (report.ok ? report : { ok: false, reason: report.reason }));
  return { ...merge, reports };
}

/** As JSON; the bodies byte by byte in Latin-1. */
export function serialized({ sources, ...rest }: MergeCase): string {
  const written = sources.map((source) => ({ ...source, body: Buffer.from(source.body).toString('latin1') }));
  return `${JSON.stringify({ ...rest, sources: written }, undefined, 2)}\n`;
}

export function deserialized(text: string): MergeCase {
  const { sources, ...rest } = JSON.parse(text) as MergeCase;
  return {
    ...rest,
    sources: sources.map((source) => ({ ...source, body: Buffer.from(source.body as string, 'latin1') })),
  };
}
