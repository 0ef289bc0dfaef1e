import type { Syntax } from './format.ts';
import { collectClaims, type Claim, type SourceFamilies } from './declared-families.ts';
import { familyShape, type FamilyShape, type MetricType } from './metric-type.ts';

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
  /** In the order in which they go out. */
  readonly families: readonly PlannedFamily[];
  /** Sample names that have no valid place, because a family of our own reserves the name. */
  readonly unplaceable: readonly string[];
  /** Sample names of families of our own that what others have of them would break: only our own samples go out. */
  readonly ownOnly: readonly string[];
}

/** Does what the samples look like fit the family's type? Told by whoever has read the samples. */
export type FitsType = (family: PlannedFamily) => boolean;

/**
 * Decides which families the merged exposition has, what type each goes out as, and which family every sample name
 * belongs to. The sources come in the order in which they go out; families without samples are left out.
 *
 * - One declared type stands, also against `untyped` and against no type at all.
 * - Different types: the family is demoted, that is each of its sample names goes out as a family of its own, untyped.
 * - A type that the format can't express is demoted as well, and so is one whose samples don't have its structure.
 * - Two families that own the same name (gauge `x_count` beside histogram `x`; in OpenMetrics gauge `x` beside counter
 *   `x`): the one with suffixes is demoted.
 * - A family of our own is never demoted; whatever meets it joins it, unless the family's structure would suffer.
 */
export function planFamilies(
  sources: readonly SourceFamilies[],
  output: Syntax,
  fitsType: FitsType,
): FamilyPlan {
  return new FamilyPlanner(sources, output).plan(fitsType);
}

interface OpenFamily {
  readonly key: string;
  readonly sampleNames: string[];
  readonly order: number;
}

class FamilyPlanner {
  readonly #claims: ReadonlyMap<string, Claim>;
  readonly #shapes: ReadonlyMap<Claim, FamilyShape | undefined>;
  readonly #sampleNames: ReadonlyMap<string, number>;
  /** Sample name to the key of the family that owns it. */
  readonly #owners = new Map<string, string>();
  /** Names that must stay free beside the family that needs it. */
  readonly #reserved = new Set<string>();
  /** Keys of the families whose samples don't have the structure of their type. */
  readonly #misfits = new Set<string>();
  /** Help for the sample names of a demoted family. */
  readonly #demotedHelp = new Map<string, string>();

  constructor(sources: readonly SourceFamilies[], output: Syntax) {
    const { claims, sampleNames } = collectClaims(sources, output);
    this.#claims = claims;
    this.#shapes = new Map([...claims.values()].map((claim) => [claim, shapeOf(claim, output)]));
    this.#sampleNames = sampleNames;
  }

  plan(fitsType: FitsType): FamilyPlan {
    const claims = [...this.#claims.values()].map((claim) => ({ claim, rank: this.#precedence(claim) }));
    claims.sort((a, b) => a.rank - b.rank);
    for (const { claim } of claims) {
      if (!this.#takeNames(claim)) this.#keepHelp(claim);
    }
    const ownOnly: string[] = [];
    for (const { claim } of claims) {
      if (!this.#isOwner(claim) || this.#fits(claim, fitsType)) continue;
      if (claim.isOwn) ownOnly.push(...this.#sampleNamesOf(claim));
      else this.#giveUpNames(claim);
    }
    return { ...this.#assign(), ownOnly };
  }

  /** Families that need no more than their own name go first, then those that would lose most by being demoted. */
  #precedence(claim: Claim): number {
    if (claim.isOwn) return 0;
    const shape = this.#shape(claim);
    if (shape === undefined || isSingle(shape)) return 1;
    if (shape.name === claim.key) return 2;
    return claim.type === 'counter' ? 3 : 4;
  }

  #takeNames(claim: Claim): boolean {
    const shape = this.#shape(claim);
    if (shape === undefined) return false;
    const { members, reserved } = shape;
    if (!members.some((name) => this.#sampleNames.has(name))) return true;
    const isTaken = (name: string): boolean => {
      const owner = this.#owners.get(name);
      return owner === undefined ? this.#reserved.has(name) : !this.#absorbs(claim, owner, name);
    };
    const clashes =
      members.some(isTaken) ||
      (reserved !== undefined && (isTaken(reserved) || this.#sampleNames.has(reserved)));
    if (clashes && !claim.isOwn) return false;
    for (const name of members) this.#owners.set(name, claim.key);
    if (reserved !== undefined) this.#reserved.add(reserved);
    return true;
  }

  /** Text has `x_created` as a gauge of its own; in OpenMetrics it belongs to the family whose start it tells. */
  #absorbs(claim: Claim, owner: string, name: string): boolean {
    return name !== claim.key && name.endsWith('_created') && this.#claims.get(owner)?.isTextGauge === true;
  }

  #giveUpNames(claim: Claim): void {
    const shape = this.#shape(claim);
    for (const name of shape?.members ?? []) this.#owners.delete(name);
    if (shape?.reserved !== undefined) this.#reserved.delete(shape.reserved);
    this.#misfits.add(claim.key);
    this.#keepHelp(claim);
  }

  #keepHelp({ key, types, help }: Claim): void {
    for (const type of types) {
      for (const name of familyShape(key, type, 'openmetrics')?.members ?? []) {
        if (!this.#demotedHelp.has(name)) this.#demotedHelp.set(name, help);
      }
    }
  }

  #isOwner(claim: Claim): boolean {
    const name = this.#shape(claim)?.members[0];
    return name !== undefined && this.#owners.get(name) === claim.key;
  }

  #fits(claim: Claim, fitsType: FitsType): boolean {
    return fitsType(this.#finished(claim.key, this.#sampleNamesOf(claim)));
  }

  #sampleNamesOf(claim: Claim): readonly string[] {
    return this.#shape(claim)?.members.filter((name) => this.#sampleNames.has(name)) ?? [];
  }

  #assign(): Omit<FamilyPlan, 'ownOnly'> {
    const open = new Map<string, OpenFamily>();
    const unplaceable: string[] = [];
    for (const [name, order] of this.#sampleNames) {
      const owner = this.#owners.get(name);
      if (owner === undefined && this.#reserved.has(name)) {
        unplaceable.push(name);
        continue;
      }
      const key = owner ?? name;
      const family = open.get(key);
      if (family !== undefined) family.sampleNames.push(name);
      else {
        const firstSeen = Math.min(order, this.#claims.get(key)?.order ?? order);
        open.set(key, { key, sampleNames: [name], order: firstSeen });
      }
    }
    const families = [...open.values()]
      .sort((a, b) => a.order - b.order)
      .map(({ key, sampleNames }) => this.#finished(key, sampleNames));
    return { families, unplaceable };
  }

  #finished(key: string, sampleNames: readonly string[]): PlannedFamily {
    const claim = this.#claims.get(key);
    const shape = claim === undefined ? undefined : this.#standingShape(claim);
    const name = shape?.name ?? key;
    const type = shape === undefined ? 'unknown' : (claim?.type ?? 'unknown');
    const help = claim?.help ?? '';
    const unit = claim?.unit ?? '';
    return {
      name,
      type,
      help: help === '' ? (this.#demotedHelp.get(key) ?? '') : help,
      unit: allowsUnit(name, type, unit) ? unit : '',
      sampleNames,
    };
  }

  /** The claim's shape, if it has got its names; a gauge whose name was absorbed and given up again stands, too. */
  #standingShape(claim: Claim): FamilyShape | undefined {
    const shape = this.#shape(claim);
    if (shape === undefined || this.#isOwner(claim)) return shape;
    return isSingle(shape) && !this.#owners.has(claim.key) && !this.#misfits.has(claim.key)
      ? shape
      : undefined;
  }

  #shape(claim: Claim): FamilyShape | undefined {
    return this.#shapes.get(claim);
  }
}

function shapeOf({ key, type }: Claim, output: Syntax): FamilyShape | undefined {
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
