import { PADDING } from './bytes.ts';

const CHUNK_BYTES = 1024 * 1024;

/** A piece of memory that lines are written into. */
export interface Chunk {
  readonly bytes: Uint8Array;
  readonly view: DataView;
}

/** A place in an arena. */
export interface ArenaMark {
  readonly chunkCount: number;
  readonly position: number;
}

/** Memory that the lines of one merge are written into: chunks, filled one after the other, kept for the next merge. */
export class LineArena {
  #chunks: Chunk[] = [];
  #free: Chunk[] = [];
  #position = 0;

  get chunks(): readonly Chunk[] {
    return this.#chunks;
  }

  /** Index of the chunk that is being filled. */
  get current(): number {
    return this.#chunks.length - 1;
  }

  get position(): number {
    return this.#position;
  }

  /** The chunk being filled, with room for so many bytes and a word more; a new one where the last is too full. */
  reserve(byteLength: number): Chunk {
    const last = this.#chunks.at(-1);
    if (last !== undefined && this.#position + byteLength + PADDING <= last.bytes.length) return last;
    const chunk = this.#takeChunk(byteLength + PADDING);
    this.#chunks.push(chunk);
    this.#position = 0;
    return chunk;
  }

  /** Says up to where the current chunk is filled. */
  advanceTo(position: number): void {
    this.#position = position;
  }

  mark(): ArenaMark {
    return { chunkCount: this.#chunks.length, position: this.#position };
  }

  /** Forgets what was written since the mark. */
  rewind({ chunkCount, position }: ArenaMark): void {
    this.#free.push(...this.#chunks.splice(chunkCount).filter(isStandard));
    this.#position = position;
  }

  /** Forgets everything. Keeps as many chunks for the next merge as this one used. */
  reset(): void {
    this.#free = this.#chunks.filter(isStandard);
    this.#chunks = [];
    this.#position = 0;
  }

  #takeChunk(byteLength: number): Chunk {
    if (byteLength > CHUNK_BYTES) return newChunk(byteLength);
    return this.#free.pop() ?? newChunk(CHUNK_BYTES);
  }
}

function isStandard({ bytes }: Chunk): boolean {
  return bytes.length === CHUNK_BYTES;
}

function newChunk(byteLength: number): Chunk {
  const bytes = new Uint8Array(byteLength);
  return { bytes, view: new DataView(bytes.buffer) };
}
