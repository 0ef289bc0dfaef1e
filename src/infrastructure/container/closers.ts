/** What has to be closed when the exporter stops: open sessions, kept connections. */
export class Closers {
  readonly #closers: (() => void | Promise<void>)[] = [];

  /** Returns its argument, so that a wiring line stays one line. */
  add<T extends { close(): void | Promise<void> }>(closable: T): T {
    this.#closers.push(() => closable.close());
    return closable;
  }

  /** Closes all, the last that was added first. */
  async closeAll(): Promise<void> {
    for (const close of this.#closers.splice(0).reverse()) await close();
  }
}
