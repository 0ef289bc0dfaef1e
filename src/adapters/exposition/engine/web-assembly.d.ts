/** What we use of the WebAssembly JavaScript interface: TypeScript has its types among those of browsers only. */
declare namespace WebAssembly {
  interface Module {
    readonly [Symbol.toStringTag]: string;
  }
  const Module: new (bytes: Uint8Array) => Module;
  class Instance {
    readonly exports: Readonly<Record<string, unknown>>;
    constructor(module: Module);
  }
  class Global {
    readonly value: unknown;
  }
  class Memory {
    readonly buffer: ArrayBuffer;
    /** In pages of 64 KiB. Throws RangeError where there is not that much. */
    grow(pages: number): number;
  }
}
