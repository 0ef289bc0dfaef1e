import type { TypeConflict } from './type-conflict.ts';
import { familyKey, hasCreated, typeIn } from './family-shape.ts';
import type { Syntax } from '../format.ts';
import type { MetricType } from '../metric-type.ts';
import { SYNTAX_RULES } from '../syntax-rules.ts';
import { metricTypeWord } from '../type-word.ts';

/** The HELP, TYPE and UNIT lines of one body for one family. */
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

/** The declarations of one family over all sources. */
export interface DeclaredFamily {
  /** See familyKey. */
  readonly key: string;
  /** The different types that were declared, in the output's terms and without `unknown`. */
  readonly types: readonly MetricType[];
  /** The only declared type, or that of our own source; `unknown` if none was declared, or several were. */
  readonly type: MetricType;
  readonly help: string;
  readonly unit: string;
  readonly isOwn: boolean;
  /** Is it a gauge, and declared only in syntaxes where `x_created` can't be a sample of family `x`? */
  readonly canBeCreated: boolean;
  /** Place among all families and sample names. */
  readonly order: number;
}

export interface DeclaredFamilies {
  /** The syntax whose terms these are. */
  readonly output: Syntax;
  /** By key, in order of first appearance. */
  readonly families: ReadonlyMap<string, DeclaredFamily>;
  /** All sample names with their place, in order of first appearance. */
  readonly sampleNames: ReadonlyMap<string, number>;
}

interface OpenFamily {
  readonly key: string;
  readonly types: MetricType[];
  readonly order: number;
  readonly isOwn: boolean;
  help: string;
  unit: string;
  canBeCreated: boolean;
}

/** Gathers what the sources, in the order in which they are written, declare. */
export function collectDeclaredFamilies(
  sources: readonly SourceFamilies[],
  output: Syntax,
): DeclaredFamilies {
  const families = new Map<string, OpenFamily>();
  const sampleNames = new Map<string, number>();
  let order = 0;
  const declare = (source: SourceFamilies, declaration: Declaration): void => {
    const { name, help, unit } = declaration;
    const declared = declaration.type ?? 'unknown';
    const key = familyKey(name, declared, source.syntax);
    let family = families.get(key);
    if (family === undefined) {
      family = {
        key,
        types: [],
        order: order++,
        isOwn: source.isOwn,
        help: '',
        unit: '',
        canBeCreated: true,
      };
      families.set(key, family);
    }
    const type = typeIn(output, declared);
    if (type !== 'unknown' && !family.types.includes(type)) family.types.push(type);
    if (family.help === '') family.help = help;
    if (family.unit === '') family.unit = unit;
    family.canBeCreated &&= type === 'gauge' && !SYNTAX_RULES[source.syntax].hasCreated;
  };
  const seen = new Set<SourceFamilies['entries']>();
  for (const source of sources) {
    // Equal bodies share one list: each needs to be counted once.
    if (seen.has(source.entries)) continue;
    seen.add(source.entries);
    for (const entry of source.entries) {
      if (typeof entry !== 'string') declare(source, entry);
      else if (!sampleNames.has(entry)) sampleNames.set(entry, order++);
    }
    for (const declaration of createdGauges(source, output)) declare(source, declaration);
  }
  const settled = [...families].map(([key, family]): [string, DeclaredFamily] => [key, settle(family)]);
  return { output, families: new Map(settled), sampleNames };
}

/** The families that sources declare with different types, each with these types in order of appearance. */
export function findTypeConflicts({ families, output }: DeclaredFamilies): TypeConflict[] {
  return [...families.values()]
    .filter(({ types }) => types.length > 1)
    .map(({ key, types }) => ({ family: key, types: types.map((type) => metricTypeWord(type, output)) }));
}

function settle(family: OpenFamily): DeclaredFamily {
  const [first = 'unknown', ...others] = family.types;
  return { ...family, type: family.isOwn || others.length === 0 ? first : 'unknown' };
}

/**
 * The source's `x_created` samples as gauges, if they are gauges of their own in the output only: Prometheus' client libraries write
 * them so in text.
 */
function createdGauges(source: SourceFamilies, output: Syntax): Declaration[] {
  if (SYNTAX_RULES[output].hasCreated || !SYNTAX_RULES[source.syntax].hasCreated) return [];
  const declarations = source.entries.filter((entry) => typeof entry !== 'string');
  const byName = new Map(declarations.map((declaration) => [declaration.name, declaration]));
  return source.entries.flatMap((entry) => {
    if (typeof entry !== 'string' || !entry.endsWith('_created')) return [];
    const family = byName.get(entry.slice(0, -'_created'.length));
    if (family === undefined || !hasCreated(family.type, source.syntax)) return [];
    return [{ name: entry, type: 'gauge', help: family.help, unit: '' } as const];
  });
}
