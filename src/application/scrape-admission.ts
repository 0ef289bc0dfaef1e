/** A scrape was refused because too many others are under way. */
export class TooManyScrapesError extends Error {
  override readonly name = 'TooManyScrapesError';
}

/**
 * Refuses scrapes before the memory runs out: when too many are under way, or when their answers, each as large as the last
 * one, would exceed a limit together. A scrape is never refused when no other one is under way.
 */
export class ScrapeAdmission {
  readonly #maxScrapes: number;
  readonly #maxAnswerBytes: number;
  #lastAnswerBytes = 0;
  #underWay = 0;

  constructor(maxScrapes: number, maxAnswerBytes: number) {
    this.#maxScrapes = maxScrapes;
    this.#maxAnswerBytes = maxAnswerBytes;
  }

  /** Admits a scrape or throws TooManyScrapesError. Call the result once the answer has been sent; calling it twice does no harm. */
  enter(): () => void {
    const answersBytes = (this.#underWay + 1) * this.#lastAnswerBytes;
    if (this.#underWay >= this.#maxScrapes || (this.#underWay > 0 && answersBytes > this.#maxAnswerBytes)) {
      throw new TooManyScrapesError(`${this.#underWay} scrapes are under way already`);
    }
    this.#underWay++;
    let isUnderWay = true;
    return () => {
      if (isUnderWay) this.#underWay--;
      isUnderWay = false;
    };
  }

  recordAnswerSize(byteLength: number): void {
    this.#lastAnswerBytes = byteLength;
  }
}
