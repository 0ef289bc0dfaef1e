import { readFileSync } from 'node:fs';

/** The functions of the WebAssembly module: see assembly/scan.ts. */
export interface EngineFunctions {
  arenaStart(): number;
  appendCopy(start: number, end: number): void;
  setKeys(seed: number): void;
  clearNames(): void;
  startSource(
    sample: number,
    index: number,
    slots: number,
    identity: number,
    identityLength: number,
    readsOpenMetrics: boolean,
    writesOpenMetrics: boolean,
    writesUnderscores: boolean,
    honorsLabels: boolean,
  ): void;
  addName(number: number, hash: number): void;
  wantedNameStart(): number;
  wantedNameEnd(): number;
  addMetadata(start: number, end: number, number: number): void;
  clearLines(): void;
  allowNonAscii(isUtf8: boolean): void;
  loadInput(start: number, byteLength: number, isLast: boolean): void;
  scratchBytesFor(byteLength: number): number;
  scan(start: number, end: number): number;
  areSameSeries(line: number, other: number): number;
  hashOthers(line: number, excluded: number, length: number): number;
  excludedValueStart(): number;
  excludedValueEnd(): number;
  hashLabel(nameStart: number, nameEnd: number, valueStart: number, valueEnd: number): number;
  stopReason(): number;
  faultReason(): number;
  faultPlace(): number;
  missingBytes(): number;
  lostSampleCount(): number;
  lostExemplarCount(): number;
  arenaPosition(): number;
  moveTo(at: number): void;
  pendingSampleCount(): number;
  pendingBlockCount(): number;
  pendingMarkCount(): number;
  findPossibleDuplicates(isWholeSource: boolean): number;
  forgetBucket(): void;
  clearPending(): void;
  moveIndex(at: number, slots: number): void;
}

/** Sizes, and where in the module's memory things are: see assembly/layout.ts. */
type EngineConstant =
  | 'BOUND_HASHES'
  | 'FLAGS'
  | 'IDENTITY'
  | 'LABEL_HASHES'
  | 'LINE_STARTS'
  | 'MAX_IDENTITY_BYTES'
  | 'MAX_PENDING'
  | 'MILLISECONDS'
  | 'METADATA_MARKS'
  | 'PADDING'
  | 'BLOCK_FIRST_SAMPLES'
  | 'BLOCK_FLAGS'
  | 'BLOCK_NAMES'
  | 'INPUT'
  | 'INPUT_BYTES'
  | 'POSSIBLE_DUPLICATES';

export type EngineConstants = Readonly<Record<EngineConstant, number>>;

type EngineExports = EngineFunctions &
  Readonly<Record<EngineConstant, WebAssembly.Global>> & { readonly memory: WebAssembly.Memory };

/** One instance of the module. */
export interface EngineInstance {
  readonly functions: EngineFunctions;
  readonly memory: WebAssembly.Memory;
  readonly constants: EngineConstants;
}

let compiled: WebAssembly.Module | undefined;

function compiledModule(): WebAssembly.Module {
  // It lies beside this module; in the bundle, beside that.
  compiled ??= new WebAssembly.Module(readFileSync(new URL('./line-engine.wasm', import.meta.url)));
  return compiled;
}

/** Makes an instance with memory of its own. The module is compiled once. */
export function instantiateEngine(): EngineInstance {
  const exports = new WebAssembly.Instance(compiledModule()).exports as unknown as EngineExports;
  return { functions: exports, memory: exports.memory, constants: constantsOf(exports) };
}

function constantsOf(exports: EngineExports): EngineConstants {
  const constants = Object.entries(exports).flatMap(([name, value]): [string, number][] =>
    value instanceof WebAssembly.Global ? [[name, Number(value.value)]] : [],
  );
  return Object.fromEntries(constants) as EngineConstants;
}
