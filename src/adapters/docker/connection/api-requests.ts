import { FETCH_MODES, type FetchMode } from '../../../domain/targets/target.ts';

/** One kind of request to the Docker daemon (Docker Engine API), without the version that a path may begin with. */
interface ApiRequest {
  readonly method: 'GET' | 'POST';
  /** `{id}` is the container's or the exec's. */
  readonly path: string;
  /** The fetch modes that need it. TASK_METADATA=on needs those of exec mode in each. */
  readonly modes: readonly FetchMode[];
}

const LIST = { method: 'GET', path: '/containers/json', modes: FETCH_MODES } as const;
const WITH_EXEC = ['exec', 'auto'] as const;

/**
 * All requests that we make of the daemon, by the operation's name in metrics. A ping is a list of one container, so that a
 * filtering socket proxy need allow nothing else.
 */
export const API_REQUESTS = {
  list: LIST,
  ping: LIST,
  exec_create: { method: 'POST', path: '/containers/{id}/exec', modes: WITH_EXEC },
  exec_start: { method: 'POST', path: '/exec/{id}/start', modes: WITH_EXEC },
  exec_inspect: { method: 'GET', path: '/exec/{id}/json', modes: WITH_EXEC },
} as const satisfies Readonly<Record<string, ApiRequest>>;

export type DockerOperation = keyof typeof API_REQUESTS;

/** The requests that this mode needs, each once, such as `GET /containers/json`. */
export function requestsOf(mode: FetchMode): readonly string[] {
  const needed = Object.values<ApiRequest>(API_REQUESTS).filter(({ modes }) => modes.includes(mode));
  return [...new Set(needed.map(({ method, path }) => `${method} ${path}`))];
}
