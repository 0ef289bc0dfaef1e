import type { Body, BodyRefusal, BodySink } from '../../../../domain/fetching/body.ts';
import type { ExecOutput } from './exec-output.ts';

// Longer than the text that curl and the session's shell write after a body, and than the runtime's error texts.
const HELD_BYTES = 2048;
const STDERR_BYTES = 8192;

/**
 * Collects a client's output: stdout in a sink, except for the last bytes, which may be curl's report on the transfer and
 * are examined before they count as body; and the beginning of stderr.
 */
export class ExecReply implements ExecOutput {
  readonly #sink: BodySink;
  #tail: Buffer = Buffer.alloc(0);
  #stderr: Buffer = Buffer.alloc(0);
  #writtenBytes = 0;
  #refusal: BodyRefusal | undefined;
  #isDone = false;
  readonly #onRefusal: () => void;

  constructor(sink: BodySink, onRefusal: () => void = () => undefined) {
    this.#sink = sink;
    this.#onRefusal = onRefusal;
  }

  /** The last bytes of stdout, 2 KiB at most: none of them is in the sink yet. */
  get tail(): Buffer {
    return this.#tail;
  }

  /** The first 8 KiB of stderr. */
  get stderr(): string {
    return this.#stderr.toString('utf8');
  }

  get stdoutBytes(): number {
    return this.#writtenBytes + this.#tail.length;
  }

  get refusal(): BodyRefusal | undefined {
    return this.#refusal;
  }

  onStdout(bytes: Buffer): void {
    if (this.#isDone || this.#refusal !== undefined) return;
    if (bytes.length >= HELD_BYTES) {
      this.#write(this.#tail);
      this.#write(bytes.subarray(0, bytes.length - HELD_BYTES));
      this.#tail = Buffer.from(bytes.subarray(bytes.length - HELD_BYTES));
      return;
    }
    const held = Buffer.concat([this.#tail, bytes]);
    const surplus = Math.max(0, held.length - HELD_BYTES);
    this.#write(held.subarray(0, surplus));
    this.#tail = held.subarray(surplus);
  }

  onStderr(bytes: Buffer): void {
    if (this.#stderr.length >= STDERR_BYTES) return;
    this.#stderr = Buffer.concat([this.#stderr, bytes.subarray(0, STDERR_BYTES - this.#stderr.length)]);
  }

  /** Removes the last bytes: they belong to the frame, not to the body. */
  dropTail(byteLength: number): void {
    this.#tail = this.#tail.subarray(0, this.#tail.length - byteLength);
  }

  /** Forgets stderr from this text on. */
  dropStderrFrom(text: string): void {
    const start = this.#stderr.indexOf(text);
    if (start >= 0) this.#stderr = this.#stderr.subarray(0, start);
  }

  /** Ends the body: it is the rest of stdout. */
  end(): Body | BodyRefusal {
    this.#write(this.#tail);
    this.#tail = Buffer.alloc(0);
    this.#isDone = true;
    if (this.#refusal !== undefined) {
      this.#sink.discard();
      return this.#refusal;
    }
    return this.#sink.end();
  }

  /** Gives the memory back, unless the body has been handed over. */
  discard(): void {
    if (this.#isDone) return;
    this.#isDone = true;
    this.#sink.discard();
  }

  #write(bytes: Buffer): void {
    if (this.#refusal !== undefined || bytes.length === 0) return;
    this.#writtenBytes += bytes.length;
    this.#refusal = this.#sink.write(bytes);
    if (this.#refusal !== undefined) this.#onRefusal();
  }
}
