import type { TypeConflict } from './type-conflict.ts';
import type { Syntax } from './format.ts';
import { familyKey, metricTypeWord, typeIn, type MetricType } from './metric-type.ts';

/** What the HELP, TYPE and UNIT lines of one body say about one family. */
export interface Declaration {
  /** As it is declared. */
  readonly name: string;
  readonly type: MetricType | undefined;
  /** Not escaped; empty for none. */
  readonly help: string;
  /** Empty for none. */
  readonly unit: string;
}

/** The families and sample names of one source, as its body has them. */
export interface SourceFamilies {
  readonly syntax: Syntax;
  /** Its families keep their type against any other source. */
  readonly isOwn: boolean;
  /** Declared families and sample names (plain strings), in the order of their first appearance. */
  readonly entries: readonly (Declaration | string)[];
}

/** What all sources together say about one family. */
export interface Claim {
  /** See familyKey. */
  readonly key: string;
  /** The different types that were declared, in the output's terms and without `unknown`. */
  readonly types: readonly MetricType[];
  /** The type that stands: the only declared one, or that of our own source; otherwise `unknown`. */
  readonly type: MetricType;
  readonly help: string;
  readonly unit: string;
  readonly isOwn: boolean;
  /** Is it a gauge, declared by text bodies only? */
  readonly isTextGauge: boolean;
  /** Place among all families and sample names. */
  readonly order: number;
}

export interface Claims {
  /** By key, in order of first appearance. */
  readonly claims: ReadonlyMap<string, Claim>;
  /** All sample names with their place, in order of first appearance. */
  readonly sampleNames: ReadonlyMap<string, number>;
}

interface OpenClaim {
  readonly key: string;
  readonly types: MetricType[];
  readonly order: number;
  readonly isOwn: boolean;
  help: string;
  unit: string;
  isTextGauge: boolean;
}

const HAS_CREATED: readonly (MetricType | undefined)[] = ['counter', 'histogram', 'summary'];

/** Gathers what the sources (in the order in which they go out) declare, in the terms of the output's format. */
export function collectClaims(sources: readonly SourceFamilies[], output: Syntax): Claims {
  const claims = new Map<string, OpenClaim>();
  const sampleNames = new Map<string, number>();
  let order = 0;
  const claim = (source: SourceFamilies, declaration: Declaration): void => {
    const { name, help, unit } = declaration;
    const declared = declaration.type ?? 'unknown';
    const key = familyKey(name, declared, source.syntax);
    let open = claims.get(key);
    if (open === undefined) {
      open = { key, types: [], order: order++, isOwn: source.isOwn, help: '', unit: '', isTextGauge: true };
      claims.set(key, open);
    }
    const type = typeIn(output, declared);
    if (type !== 'unknown' && !open.types.includes(type)) open.types.push(type);
    if (open.help === '') open.help = help;
    if (open.unit === '') open.unit = unit;
    open.isTextGauge &&= source.syntax === 'text' && type === 'gauge';
  };
  const seen = new Set<SourceFamilies['entries']>();
  for (const source of sources) {
    // Said once is enough.
    if (seen.has(source.entries)) continue;
    seen.add(source.entries);
    for (const entry of source.entries) {
      if (typeof entry !== 'string') claim(source, entry);
      else if (!sampleNames.has(entry)) sampleNames.set(entry, order++);
    }
    if (output === 'text' && source.syntax === 'openmetrics') {
      for (const declaration of createdGauges(source)) claim(source, declaration);
    }
  }
  return { claims: new Map([...claims].map(([key, open]) => [key, settled(open)])), sampleNames };
}

/** The families that sources declare with different types, each with these types in order of appearance. */
export function findTypeConflicts(sources: readonly SourceFamilies[], output: Syntax): TypeConflict[] {
  return [...collectClaims(sources, output).claims.values()]
    .filter(({ types }) => types.length > 1)
    .map(({ key, types }) => ({ family: key, types: types.map((type) => metricTypeWord(type, output)) }));
}

function settled(open: OpenClaim): Claim {
  const [first = 'unknown', ...others] = open.types;
  return { ...open, type: open.isOwn || others.length === 0 ? first : 'unknown' };
}

/** In text `x_created` is a gauge of its own, as Prometheus' client libraries write it. */
function createdGauges(source: SourceFamilies): Declaration[] {
  const declarations = source.entries.filter((entry) => typeof entry !== 'string');
  const byName = new Map(declarations.map((declaration) => [declaration.name, declaration]));
  return source.entries.flatMap((entry) => {
    if (typeof entry !== 'string' || !entry.endsWith('_created')) return [];
    const family = byName.get(entry.slice(0, -'_created'.length));
    if (family === undefined || !HAS_CREATED.includes(family.type)) return [];
    return [{ name: entry, type: 'gauge', help: family.help, unit: '' } as const];
  });
}
