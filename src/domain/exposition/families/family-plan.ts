import type { DeclaredFamilies, DeclaredFamily } from './declared-families.ts';
import { familyShape, type FamilyShape } from './family-shape.ts';
import type { Syntax } from '../format.ts';
import type { MetricType } from '../metric-type.ts';

/** One family of the merged exposition. */
export interface PlannedFamily {
  /** The name on its HELP, TYPE and UNIT lines. */
  readonly name: string;
  readonly type: MetricType;
  /** Not escaped; empty for none. */
  readonly help: string;
  /** Empty for none. */
  readonly unit: string;
  /** The sample names whose samples belong to it. */
  readonly sampleNames: readonly string[];
}

export interface FamilyPlan {
  /** In the order in which they are written. */
  readonly families: readonly PlannedFamily[];
  /** Sample names that have no valid place, because a family of our own reserves the name. */
  readonly unplaceable: readonly string[];
  /** Sample names of families of our own whose structure the samples of others would break: only our own are written. */
  readonly ownOnly: readonly string[];
}

/** Do the samples have the structure that the family's type requires? The adapter answers: it has read them. */
export type FitsType = (family: PlannedFamily) => boolean;

/** The syntax in which the families have most sample names. */
const MOST_SAMPLE_NAMES: Syntax = 'openmetrics';

/**
 * Decides which families the merged exposition has, which type each is written as, and which family every sample name
 * belongs to. Families without samples are left out.
 *
 * - The only declared type counts, also against `untyped` and against no type at all.
 * - Different types: the family is demoted, that is each of its sample names becomes a family of its own, untyped.
 * - A type that the syntax can't express is demoted as well, and so is one whose samples don't have its structure.
 * - Two families that need the same name (gauge `x_count` beside histogram `x`; in OpenMetrics gauge `x` beside counter
 *   `x`): the one with suffixes is demoted.
 * - A family of our own is never demoted; whatever meets it joins it, unless the family's structure would suffer.
 */
export function planFamilies(declared: DeclaredFamilies, fitsType: FitsType): FamilyPlan {
  return new FamilyPlanner(declared).plan(fitsType);
}

interface OpenFamily {
  readonly key: string;
  readonly sampleNames: string[];
  readonly order: number;
}

class FamilyPlanner {
  readonly #declared: ReadonlyMap<string, DeclaredFamily>;
  readonly #shapes: ReadonlyMap<DeclaredFamily, FamilyShape | undefined>;
  readonly #sampleNames: ReadonlyMap<string, number>;
  /** The key of the family that a sample name belongs to. */
  readonly #familyOfName = new Map<string, string>();
  /** Names that nothing else may have beside the family that needs them. */
  readonly #reserved = new Set<string>();
  /** Keys of the families whose samples don't have the structure of their type. */
  readonly #misfits = new Set<string>();
  /** Help for the sample names of a demoted family. */
  readonly #demotedHelp = new Map<string, string>();

  constructor({ families, sampleNames, output }: DeclaredFamilies) {
    this.#declared = families;
    this.#shapes = new Map([...families.values()].map((family) => [family, shapeOf(family, output)]));
    this.#sampleNames = sampleNames;
  }

  plan(fitsType: FitsType): FamilyPlan {
    const ranked = [...this.#declared.values()].map((family) => ({ family, rank: this.#precedence(family) }));
    ranked.sort((a, b) => a.rank - b.rank);
    for (const { family } of ranked) {
      if (!this.#assignNames(family)) this.#keepHelp(family);
    }
    const ownOnly: string[] = [];
    for (const { family } of ranked) {
      if (!this.#hasItsNames(family) || this.#fits(family, fitsType)) continue;
      if (family.isOwn) ownOnly.push(...this.#sampleNamesOf(family));
      else this.#demote(family);
    }
    return { ...this.#grouped(), ownOnly };
  }

  /** Families that need no more than their own name go first, then those that would lose most by being demoted. */
  #precedence(family: DeclaredFamily): number {
    if (family.isOwn) return 0;
    const shape = this.#shape(family);
    if (shape === undefined || isSingle(shape)) return 1;
    if (shape.name === family.key) return 2;
    return family.type === 'counter' ? 3 : 4;
  }

  /** False if others have a name that the family needs, or the syntax can't express it. */
  #assignNames(family: DeclaredFamily): boolean {
    const shape = this.#shape(family);
    if (shape === undefined) return false;
    const { members, reserved } = shape;
    if (!members.some((name) => this.#sampleNames.has(name))) return true;
    const isTaken = (name: string): boolean => {
      const owner = this.#familyOfName.get(name);
      return owner === undefined ? this.#reserved.has(name) : !this.#absorbs(family, owner, name);
    };
    const clashes =
      members.some(isTaken) ||
      (reserved !== undefined && (isTaken(reserved) || this.#sampleNames.has(reserved)));
    if (clashes && !family.isOwn) return false;
    for (const name of members) this.#familyOfName.set(name, family.key);
    if (reserved !== undefined) this.#reserved.add(reserved);
    return true;
  }

  /** A text body's gauge `x_created` becomes a sample of family `x`. */
  #absorbs(family: DeclaredFamily, owner: string, name: string): boolean {
    const isCreated = name !== family.key && name.endsWith('_created');
    return isCreated && this.#declared.get(owner)?.canBeCreated === true;
  }

  #demote(family: DeclaredFamily): void {
    const shape = this.#shape(family);
    for (const name of shape?.members ?? []) this.#familyOfName.delete(name);
    if (shape?.reserved !== undefined) this.#reserved.delete(shape.reserved);
    this.#misfits.add(family.key);
    this.#keepHelp(family);
  }

  #keepHelp({ key, types, help }: DeclaredFamily): void {
    for (const type of types) {
      for (const name of familyShape(key, type, MOST_SAMPLE_NAMES)?.members ?? []) {
        if (!this.#demotedHelp.has(name)) this.#demotedHelp.set(name, help);
      }
    }
  }

  #hasItsNames(family: DeclaredFamily): boolean {
    const name = this.#shape(family)?.members[0];
    return name !== undefined && this.#familyOfName.get(name) === family.key;
  }

  #fits(family: DeclaredFamily, fitsType: FitsType): boolean {
    return fitsType(this.#planned(family.key, this.#sampleNamesOf(family)));
  }

  #sampleNamesOf(family: DeclaredFamily): readonly string[] {
    return this.#shape(family)?.members.filter((name) => this.#sampleNames.has(name)) ?? [];
  }

  /** The sample names by family. */
  #grouped(): Omit<FamilyPlan, 'ownOnly'> {
    const open = new Map<string, OpenFamily>();
    const unplaceable: string[] = [];
    for (const [name, order] of this.#sampleNames) {
      const owner = this.#familyOfName.get(name);
      if (owner === undefined && this.#reserved.has(name)) {
        unplaceable.push(name);
        continue;
      }
      const key = owner ?? name;
      const family = open.get(key);
      if (family !== undefined) family.sampleNames.push(name);
      else {
        const firstSeen = Math.min(order, this.#declared.get(key)?.order ?? order);
        open.set(key, { key, sampleNames: [name], order: firstSeen });
      }
    }
    const families = [...open.values()]
      .sort((a, b) => a.order - b.order)
      .map(({ key, sampleNames }) => this.#planned(key, sampleNames));
    return { families, unplaceable };
  }

  #planned(key: string, sampleNames: readonly string[]): PlannedFamily {
    const declared = this.#declared.get(key);
    const shape = declared === undefined ? undefined : this.#finalShape(declared);
    const name = shape?.name ?? key;
    const type = shape === undefined ? 'unknown' : (declared?.type ?? 'unknown');
    const help = declared?.help ?? '';
    const unit = declared?.unit ?? '';
    return {
      name,
      type,
      help: help === '' ? (this.#demotedHelp.get(key) ?? '') : help,
      unit: allowsUnit(name, type, unit) ? unit : '',
      sampleNames,
    };
  }

  /** The family's shape, if it has its names; also of a gauge whose name was absorbed by a family that was demoted later. */
  #finalShape(family: DeclaredFamily): FamilyShape | undefined {
    const shape = this.#shape(family);
    if (shape === undefined || this.#hasItsNames(family)) return shape;
    return isSingle(shape) && !this.#familyOfName.has(family.key) && !this.#misfits.has(family.key)
      ? shape
      : undefined;
  }

  #shape(family: DeclaredFamily): FamilyShape | undefined {
    return this.#shapes.get(family);
  }
}

function shapeOf({ key, type }: DeclaredFamily, output: Syntax): FamilyShape | undefined {
  return type === 'unknown' ? undefined : familyShape(key, type, output);
}

/** OpenMetrics 1.0.0, section "Unit": the name ends in it; info and stateset have none. */
function allowsUnit(name: string, type: MetricType, unit: string): boolean {
  return unit !== '' && type !== 'info' && type !== 'stateset' && name.endsWith(`_${unit}`);
}

/** Does it need no more than its own name? */
function isSingle({ members, reserved }: FamilyShape): boolean {
  return members.length === 1 && reserved === undefined;
}
