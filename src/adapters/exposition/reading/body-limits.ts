/** What a body may have. */
export interface BodyLimits {
  /** 0 for any number. */
  readonly samples: number;
  /** Of lines and names: see `heldBytes`. */
  readonly heldBytes: number;
}

/** The body has more samples than it may have. */
export class TooManySamplesError extends Error {
  override readonly name = 'TooManySamplesError';
}

/** The body's lines and names take more memory or time than they may. */
export class OverBudgetError extends Error {
  override readonly name = 'OverBudgetError';
}

/** What the table has about a sample, beside its line. */
const SAMPLE_BYTES = 32;
/** What a name or a line of metadata takes, as measured: strings, and what the families are planned with. */
const NOTE_BYTES = 512;
/** Names and lines of metadata of one body: no program has as many, and each takes some ten microseconds. */
const MAX_NOTES = 2 ** 17;

/** What a body takes, about, until its merge has ended. Notes are its names and lines of metadata. */
export function heldBytes(lineBytes: number, samples: number, marks: number): number {
  return lineBytes + samples * SAMPLE_BYTES + marks * NOTE_BYTES;
}

/** Throws TooManySamplesError beyond the limit. */
export function checkSamples(samples: number, limits: BodyLimits): void {
  if (limits.samples > 0 && samples > limits.samples) {
    throw new TooManySamplesError(`more than ${limits.samples} samples`);
  }
}

/** Throws OverBudgetError beyond the limits. */
export function checkHeld(held: number, marks: number, limits: BodyLimits): void {
  if (marks > MAX_NOTES) throw new OverBudgetError(`more than ${MAX_NOTES} names and lines of metadata`);
  if (held > limits.heldBytes) {
    throw new OverBudgetError('its lines would take too much memory beside the other bodies');
  }
}
