import { collectDeclaredFamilies, type DeclaredFamilies, type SourceFamilies } from './declared-families.ts';
import { planFamilies, type FamilyPlan, type FitsType, type PlannedFamily } from './family-plan.ts';
import type { Syntax } from '../format.ts';

/** Larger plans are made anew each time: they are not kept in memory between merges. */
const MAX_KEPT_FAMILIES = 20_000;

/** Whether the samples of one family fitted its type when the plan was made. */
interface Fit {
  readonly family: PlannedFamily;
  readonly fits: boolean;
}

interface KeptPlan {
  readonly plan: FamilyPlan;
  /** All that was asked, in the order in which it was asked. */
  readonly fits: readonly Fit[];
}

/**
 * Keeps what was made of the sources' families for the next merge: from scrape to scrape the sources declare the same. Sources are
 * the same if their lists of entries are the same objects; equal copies are right, but slower.
 */
export class RepeatedPlan {
  #sources: readonly SourceFamilies[] = [];
  #declared: DeclaredFamilies | undefined;
  #kept: KeptPlan | undefined;

  /** As collectDeclaredFamilies. */
  declare(sources: readonly SourceFamilies[], output: Syntax): DeclaredFamilies {
    if (this.#declared?.output === output && areSame(this.#sources, sources)) return this.#declared;
    this.#sources = sources;
    this.#kept = undefined;
    return (this.#declared = collectDeclaredFamilies(sources, output));
  }

  /** As planFamilies, for what `declare` returned last. All questions are asked again: the samples are others. */
  plan(declared: DeclaredFamilies, fitsType: FitsType): FamilyPlan {
    const kept = declared === this.#declared ? this.#kept : undefined;
    if (kept?.fits.every(({ family, fits }) => fitsType(family) === fits) === true) return kept.plan;
    const fits: Fit[] = [];
    const plan = planFamilies(declared, (family) => {
      const one = { family, fits: fitsType(family) };
      fits.push(one);
      return one.fits;
    });
    if (plan.families.length <= MAX_KEPT_FAMILIES) this.#kept = { plan, fits };
    else this.#forget();
    return plan;
  }

  #forget(): void {
    this.#sources = [];
    this.#declared = undefined;
    this.#kept = undefined;
  }
}

function areSame(some: readonly SourceFamilies[], others: readonly SourceFamilies[]): boolean {
  return (
    some.length === others.length &&
    some.every(({ entries, isOwn, syntax }, i) => {
      const other = others[i];
      return entries === other?.entries && isOwn === other.isOwn && syntax === other.syntax;
    })
  );
}
