interface WaitingCaller {
  readonly owner: string;
  readonly admit: () => void;
}

/** Admits one caller at a time, first come first served, and refuses further ones when too many wait. */
export class BoundedQueue {
  readonly #capacity: number;
  readonly #capacityPerOwner: number;
  readonly #waiting: WaitingCaller[] = [];
  #isOccupied = false;

  /** @param capacityPerOwner keeps one peer that guesses passwords from filling the queue. */
  constructor(capacity: number, capacityPerOwner: number) {
    this.#capacity = capacity;
    this.#capacityPerOwner = capacityPerOwner;
  }

  /**
   * Resolves, when it is the caller's turn, with the function that ends the turn (to be called once). Resolves with
   * undefined if the queue is full or the signal aborts first.
   */
  enter(owner: string, signal: AbortSignal): Promise<(() => void) | undefined> {
    if (signal.aborted) return Promise.resolve(undefined);
    if (!this.#isOccupied) {
      this.#isOccupied = true;
      return Promise.resolve(this.#leave);
    }
    const ofOwner = this.#waiting.filter((waiting) => waiting.owner === owner).length;
    if (this.#waiting.length >= this.#capacity || ofOwner >= this.#capacityPerOwner) {
      return Promise.resolve(undefined);
    }
    return new Promise((resolve) => {
      const giveUp = (): void => {
        this.#waiting.splice(this.#waiting.indexOf(waiting), 1);
        resolve(undefined);
      };
      const waiting = {
        owner,
        admit: () => {
          signal.removeEventListener('abort', giveUp);
          resolve(this.#leave);
        },
      };
      this.#waiting.push(waiting);
      signal.addEventListener('abort', giveUp, { once: true });
    });
  }

  readonly #leave = (): void => {
    const next = this.#waiting.shift();
    if (next === undefined) this.#isOccupied = false;
    else next.admit();
  };
}
