import { randomBytes } from 'node:crypto';

import type { Clock } from '../../../../domain/clock.ts';
import type { Failure } from '../../../../domain/fetching/failure.ts';
import type { TimeLimit } from '../../../../domain/fetching/metrics-fetcher.ts';
import { startFailure } from '../clients/exec-failures.ts';
import type { ExecReply } from '../run/exec-reply.ts';
import type { ExecStarter, StartedExec } from '../run/exec-starter.ts';
import { StreamDemultiplexer } from '../run/exec-output.ts';
import { orAborted } from '../../connection/or-aborted.ts';
import {
  SESSION_COMMAND,
  SESSION_GREETINGS,
  sessionLines,
  type SessionGreeting,
  type SessionRequest,
} from './session-script.ts';

interface Exchange {
  readonly nonce: string;
  readonly reply: ExecReply;
  readonly overdueMs: number;
  readonly answered: PromiseWithResolvers<number | 'broken'>;
  exitCode: number | undefined;
  isStderrComplete: boolean;
  lastStdout: string;
  lastStderr: string;
}

// Longer than the end of any frame.
const MARK_CHARACTERS = 64;
const GREETING_CHARACTERS = 1000;
const GREETING_MS = 30_000;
const GRACE_MS = 1000;

/**
 * A shell inside a container that runs one fetch after the other. It ends when our connection does, after the request in
 * flight: nothing has to be cleaned up afterwards.
 */
export class ExecSession {
  readonly startedMs: number;
  readonly #exec: StartedExec;
  readonly #clock: Clock;
  readonly #greeted = Promise.withResolvers<SessionGreeting | 'no_shell' | 'ended'>();
  readonly #ended = Promise.withResolvers<undefined>();
  #greeting = '';
  #strangeGreeting: NodeJS.Timeout | undefined;
  #errors = '';
  #exchange: Exchange | undefined;
  #isGreeted = false;
  #isOpen = true;
  #hasAnswered = false;

  private constructor(exec: StartedExec, clock: Clock) {
    this.#exec = exec;
    this.#clock = clock;
    this.startedMs = clock.nowMs();
    const demultiplexer = new StreamDemultiplexer({
      onStdout: (bytes) => this.#onStdout(bytes),
      onStderr: (bytes) => this.#onStderr(bytes),
    });
    const end = (): void => this.#end();
    exec.connection
      .on('data', (chunk: Buffer) => demultiplexer.push(chunk))
      .on('end', end)
      .on('close', end)
      .on('error', end);
  }

  /** Starts the shell. Rejects with DockerRequestError, or with the signal's reason. */
  static async start(
    starter: ExecStarter,
    clock: Clock,
    containerId: string,
    signal: AbortSignal,
    limit: TimeLimit,
  ): Promise<ExecSession | 'queued'> {
    const specify = () => ({ containerId, command: SESSION_COMMAND, kind: 'session' }) as const;
    const exec = await starter.start(specify, signal, limit);
    return exec === 'queued' ? exec : new ExecSession(exec, clock);
  }

  get isOpen(): boolean {
    return this.#isOpen;
  }

  /** A request is in flight, also one that nobody waits for any more. */
  get isBusy(): boolean {
    return this.#exchange !== undefined;
  }

  /** The request in flight should have ended by its own time limit, or the shell has not greeted for long. */
  get isStuck(): boolean {
    const greetingOverdueMs = this.#isGreeted ? Infinity : this.startedMs + GREETING_MS;
    return this.#clock.nowMs() > (this.#exchange?.overdueMs ?? greetingOverdueMs);
  }

  /** It has answered a request before. */
  get hasAnswered(): boolean {
    return this.#hasAnswered;
  }

  /** Resolves when the session has ended. */
  get ended(): Promise<undefined> {
    return this.#ended.promise;
  }

  /** The client that the shell found; `no_shell`: the image has no shell that can run the loop. May be called again. */
  async greeting(signal: AbortSignal): Promise<SessionGreeting | 'no_shell' | Failure> {
    const greeting = await orAborted(this.#greeted.promise, signal);
    if (greeting !== 'ended') return greeting;
    const output = { tail: Buffer.from(this.#greeting), stderr: this.#errors };
    const notStarted = startFailure(await this.#exec.exitCode(signal), output);
    return typeof notStarted === 'object' ? notStarted : 'no_shell';
  }

  /**
   * Sends one request to a session that is open and not busy; the reply collects the client's output without the shell's
   * frame. Resolves with the exit code; `broken`: the session ended. Rejects with the signal's reason as soon as that
   * aborts; the session stays busy until the request has ended all the same.
   */
  async ask(request: SessionRequest, reply: ExecReply, signal: AbortSignal): Promise<number | 'broken'> {
    signal.throwIfAborted();
    const nonce = randomBytes(16).toString('hex');
    const lines = sessionLines(nonce, request);
    const answered = Promise.withResolvers<number | 'broken'>();
    const overdueMs = this.#clock.nowMs() + Number(request.seconds) * 1000 + GRACE_MS;
    const unread = { exitCode: undefined, isStderrComplete: false, lastStdout: '', lastStderr: '' };
    this.#exchange = { nonce, reply, overdueMs, answered, ...unread };
    this.#exec.connection.write(lines, 'latin1');
    return await orAborted(answered.promise, signal);
  }

  /** Closes stdin: the shell ends after the request in flight. Its output is drained until then. */
  close(): void {
    this.#exec.connection.end();
  }

  /** Drops the connection, which closes stdin, too. */
  destroy(): void {
    this.#exec.connection.destroy();
  }

  #onStdout(bytes: Buffer): void {
    const exchange = this.#exchange;
    if (exchange !== undefined) this.#readReply(exchange, bytes);
    else if (this.#isGreeted) {
      // Output without a request: the session can't be trusted any more.
      this.destroy();
    } else this.#readGreeting(bytes);
  }

  #readGreeting(bytes: Buffer): void {
    this.#greeting = (this.#greeting + bytes.toString('latin1')).slice(0, GREETING_CHARACTERS);
    const word = SESSION_GREETINGS.find((one) => this.#greeting === `${one}\n`);
    if (word === undefined) {
      if (!SESSION_GREETINGS.some((one) => `${one}\n`.startsWith(this.#greeting))) this.#doubtGreeting();
      return;
    }
    this.#isGreeted = true;
    this.#greeted.resolve(word);
  }

  /** Docker's own words about an exec that didn't start arrive here, too, followed by the end of the stream. */
  #doubtGreeting(): void {
    this.#strangeGreeting ??= setTimeout(() => {
      this.#greeted.resolve('no_shell');
      this.destroy();
    }, GRACE_MS);
  }

  #readReply(exchange: Exchange, bytes: Buffer): void {
    exchange.reply.onStdout(bytes);
    exchange.lastStdout = lastOf(exchange.lastStdout, bytes);
    const mark = new RegExp(`\n${exchange.nonce}=([0-9]+)\n$`).exec(exchange.lastStdout);
    if (mark === null) return;
    exchange.reply.dropTail(mark[0].length);
    exchange.exitCode = Number(mark[1]);
    this.#settle(exchange);
  }

  #onStderr(bytes: Buffer): void {
    const exchange = this.#exchange;
    if (exchange === undefined) {
      this.#errors = (this.#errors + bytes.toString('utf8')).slice(0, GREETING_CHARACTERS);
      return;
    }
    exchange.reply.onStderr(bytes);
    exchange.lastStderr = lastOf(exchange.lastStderr, bytes);
    if (!exchange.lastStderr.endsWith(`${exchange.nonce}\n`)) return;
    exchange.reply.dropStderrFrom(exchange.nonce);
    exchange.isStderrComplete = true;
    this.#settle(exchange);
  }

  /** Settles once both streams have reached the request's end, in any order. */
  #settle(exchange: Exchange): void {
    if (exchange.exitCode === undefined || !exchange.isStderrComplete) return;
    this.#exchange = undefined;
    this.#hasAnswered = true;
    exchange.answered.resolve(exchange.exitCode);
  }

  #end(): void {
    this.#isOpen = false;
    clearTimeout(this.#strangeGreeting);
    this.#exchange?.answered.resolve('broken');
    this.#exchange = undefined;
    this.#greeted.resolve('ended');
    this.#ended.resolve(undefined);
    this.destroy();
  }
}

function lastOf(before: string, bytes: Buffer): string {
  const all = before + bytes.toString('latin1', Math.max(0, bytes.length - MARK_CHARACTERS));
  return all.slice(-MARK_CHARACTERS);
}
