/** A family that two sources declare with different types. */
export interface TypeConflict {
  readonly family: string;
  /** The types that were declared, in the order of the sources' ranks. */
  readonly types: readonly string[];
}
