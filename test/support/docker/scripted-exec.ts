import type { Duplex } from 'node:stream';

/** Plays the part of an exec's program, from its start on. */
export type ExecProgram = (exec: ScriptedExec) => void;

/** One exec inside the scripted engine; a test's program writes to it and ends it. */
export class ScriptedExec {
  readonly id: string;
  readonly containerId: string;
  readonly request: Readonly<Record<string, unknown>>;
  connection: Duplex | undefined;
  exitCode: number | undefined;
  /** It is stuck: it goes on when its stdin has ended. */
  isStuck = false;

  constructor(id: string, containerId: string, request: Record<string, unknown>) {
    this.id = id;
    this.containerId = containerId;
    this.request = request;
  }

  get command(): readonly string[] {
    return this.request['Cmd'] as string[];
  }

  stdout(data: string | Uint8Array): this {
    return this.#frame(1, data);
  }

  stderr(data: string | Uint8Array): this {
    return this.#frame(2, data);
  }

  end(exitCode = 0): void {
    this.exitCode = exitCode;
    this.connection?.end();
  }

  stdinEnded(): void {
    if (this.request['AttachStdin'] !== true) this.connection?.end();
    else if (!this.isStuck && this.exitCode === undefined) this.end();
  }

  /** Calls back with each line that arrives on stdin. */
  onLine(listener: (line: string) => void): void {
    let rest = '';
    this.connection?.on('data', (chunk: Buffer) => {
      const lines = (rest + chunk.toString('latin1')).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) listener(line);
    });
  }

  #frame(stream: number, data: string | Uint8Array): this {
    const bytes = Buffer.from(data as string, 'latin1');
    const header = Buffer.alloc(8);
    header[0] = stream;
    header.writeUInt32BE(bytes.length, 4);
    this.connection?.write(Buffer.concat([header, bytes]));
    return this;
  }
}
