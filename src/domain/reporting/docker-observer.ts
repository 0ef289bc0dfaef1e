/** Purpose of an exec: one fetch, a long-lived session, or a request to the task metadata endpoint. */
export type ExecKind = 'fetch' | 'session' | 'metadata';

/** Counts the work that the exporter causes the Docker daemon. */
export interface DockerObserver {
  /** One request to the daemon's API. `operation` comes from a short closed list (`list`, `exec_create`, …). */
  observeDockerRequest(operation: string, seconds: number): void;
  /** An exec was started in a container. */
  observeExec(kind: ExecKind): void;
  /** `count` exec sessions are open now. */
  observeOpenSessions(count: number): void;
}
