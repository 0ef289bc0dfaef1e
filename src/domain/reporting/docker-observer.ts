/** What an exec was started for: one fetch, a session that lasts, or a question about the task. */
export type ExecKind = 'fetch' | 'session' | 'metadata';

/** Sees what the work costs the Docker daemon. */
export interface DockerObserver {
  /** One request to the daemon's API. `operation` comes from a short closed list (`list`, `inspect`, `exec_create`, …). */
  observeDockerRequest(operation: string, seconds: number): void;
  /** An exec was started in a container. */
  observeExec(kind: ExecKind): void;
  /** Exec sessions that are open now. */
  observeOpenSessions(count: number): void;
}
