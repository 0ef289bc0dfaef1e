import { setTimeout as delay } from 'node:timers/promises';
import type { Duplex } from 'node:stream';

import type { Admission } from '../../../../domain/fetching/admission.ts';
import type { TimeLimit } from '../../../../domain/fetching/metrics-fetcher.ts';
import type { DockerObserver, ExecKind } from '../../../../domain/reporting/docker-observer.ts';
import type { DockerEngine, ExecSpec } from '../../connection/docker-engine.ts';

/** An exec that runs. */
export interface StartedExec {
  /** To be read without pause, and destroyed, by the caller. */
  readonly connection: Duplex;
  /** Resolves with the exit code once the daemon knows it; to be called when the connection has ended. */
  exitCode(signal: AbortSignal): Promise<number>;
}

// A daemon under load takes seconds to start an exec: its slot is given to the next one after this long, started or not.
const SLOT_HELD_MS = 1000;
const ASK_AGAIN_MS = [5, 10, 20, 50, 100, 200, 500];

type ExecObserver = Pick<DockerObserver, 'observeExec' | 'observeOpenSessions'>;

/** Starts execs, as many at a time as the admission lets in. */
export class ExecStarter {
  readonly #engine: DockerEngine;
  readonly #admission: Admission;
  readonly #observer: ExecObserver | undefined;
  #openSessions = 0;

  constructor(engine: DockerEngine, admission: Admission, observer?: ExecObserver) {
    this.#engine = engine;
    this.#admission = admission;
    this.#observer = observer;
  }

  /**
   * Starts the exec that `specify` returns once there is a slot; the limit is paused until then. `queued`: there was no slot
   * before the scrape ended. Rejects with DockerRequestError, or with the signal's reason.
   */
  async start(
    specify: () => ExecSpec,
    signal: AbortSignal,
    limit?: TimeLimit,
  ): Promise<StartedExec | 'queued'> {
    let leave: () => void;
    try {
      const enter = (): Promise<() => void> => this.#admission.enter(signal);
      leave = await (limit?.standStill(enter) ?? enter());
    } catch {
      return 'queued';
    }
    const timer = setTimeout(leave, SLOT_HELD_MS);
    try {
      const spec = specify();
      const exec = await this.#engine.createExec(spec, signal);
      const connection = await this.#engine.startExec(exec, spec.kind === 'session', signal);
      this.#observe(spec.kind, connection);
      return { connection, exitCode: (until) => this.#exitCode(exec, until) };
    } finally {
      clearTimeout(timer);
      leave();
    }
  }

  #observe(kind: ExecKind, connection: Duplex): void {
    this.#observer?.observeExec(kind);
    if (kind !== 'session') return;
    this.#observer?.observeOpenSessions(++this.#openSessions);
    connection.once('close', () => this.#observer?.observeOpenSessions(--this.#openSessions));
  }

  /** The stream can end before the daemon has noticed the end of the process. */
  async #exitCode(exec: Parameters<DockerEngine['exitCode']>[0], signal: AbortSignal): Promise<number> {
    for (let i = 0; ; i++) {
      const exitCode = await this.#engine.exitCode(exec, signal);
      if (exitCode !== undefined) return exitCode;
      await delay(ASK_AGAIN_MS[i] ?? 500, undefined, { signal });
    }
  }
}
