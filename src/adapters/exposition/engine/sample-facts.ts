import { latin1 } from '../lines/bytes.ts';
import { floatEnd, numberOf } from '../lines/number-scan.ts';
import { HAS_BAD_LE, HAS_BAD_QUANTILE, HAS_LE, HAS_QUANTILE, IS_INF_BUCKET } from './sample-flags.ts';

/** What is known about the sample at hand, beside its text. One object, filled anew for every sample. */
export interface SampleFacts {
  /** Its number in the pool of names. */
  name: number;
  /** Sum over the labels that go out, empty ones aside. */
  labelHash: number;
  boundHash: number;
  flags: number;
  /** Its `le`, if it has one. */
  bound: number;
  /** NaN without a timestamp. */
  milliseconds: number;
}

export function newFacts(): SampleFacts {
  return { name: 0, labelHash: 0, boundHash: 0, flags: 0, bound: NaN, milliseconds: NaN };
}

export function clearFacts(facts: SampleFacts, name: number, labelHash: number): void {
  facts.name = name;
  facts.labelHash = labelHash;
  facts.boundHash = 0;
  facts.flags = 0;
  facts.bound = NaN;
  facts.milliseconds = NaN;
}

/** HAS_LE or HAS_QUANTILE for a label that says what a sample is within its histogram or summary, otherwise 0. */
export function labelKind(name: string): number {
  if (name === 'le') return HAS_LE;
  return name === 'quantile' ? HAS_QUANTILE : 0;
}

/** As `addBound`, for an empty value: a label that is not there for OpenMetrics, and no number for readers of text. */
export function addEmptyBound(facts: SampleFacts, kind: number): void {
  if (kind !== 0) facts.flags |= kind === HAS_LE ? HAS_BAD_LE : HAS_BAD_QUANTILE;
}

/** Takes in the value [start, end) of an `le` or `quantile` label, which a character that no number has follows. */
export function addBound(
  facts: SampleFacts,
  kind: number,
  labelHash: number,
  bytes: Buffer,
  start: number,
  end: number,
): void {
  const value = floatEnd(bytes, start) === end ? numberOf(bytes, start, end) : undefined;
  facts.flags |= kind;
  if (kind === HAS_LE) {
    facts.boundHash = labelHash;
    if (value === undefined || Number.isNaN(value)) facts.flags |= HAS_BAD_LE;
    else facts.bound = value;
    // OpenMetrics 1.0.0, section "Numbers": the canonical form is the only one for this bound.
    if (value === Infinity && end - start === 4 && latin1(bytes, start, end) === '+Inf')
      facts.flags |= IS_INF_BUCKET;
  } else {
    if ((facts.flags & HAS_LE) === 0) facts.boundHash = labelHash;
    if (value === undefined) facts.flags |= HAS_BAD_QUANTILE;
  }
}
