/** More scrapes are under way than the exporter takes on. */
export class TooManyScrapesError extends Error {
  override readonly name = 'TooManyScrapesError';
}

/**
 * Turns scrapes away instead of running out of memory: beyond a number of them, and where their answers, each as large as
 * the last one, would take more than a limit together. A scrape alone is always let in.
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

  /** Returns what is to be called once the answer has been sent (twice does no harm), or throws TooManyScrapesError. */
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

  noteAnswer(byteLength: number): void {
    this.#lastAnswerBytes = byteLength;
  }
}
