import Docker from 'dockerode';

export type EngineAnswer =
  | { readonly kind: 'found'; /** Value of DOCKER_HOST. */ readonly host: string }
  | { readonly kind: 'none'; /** What was tried, for a person. */ readonly tried: readonly string[] };

const DEFAULT_HOST = 'unix:///var/run/docker.sock';
const TIMEOUT_MS = 5000;

/** Resolves if an engine answers at that address; rejects if none does. */
export type EngineProbe = (host: string, signal: AbortSignal) => Promise<unknown>;

/** Looks for an engine that answers within 5 s: at DOCKER_HOST, then at the default socket. */
export async function findEngine(
  dockerHost: string | undefined,
  probe: EngineProbe = listOne,
): Promise<EngineAnswer> {
  const tried: string[] = [];
  for (const host of dockerHost ? [dockerHost, DEFAULT_HOST] : [DEFAULT_HOST]) {
    try {
      await probe(host, AbortSignal.timeout(TIMEOUT_MS));
      return { kind: 'found', host };
    } catch (error) {
      tried.push(`${host}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  return { kind: 'none', tried };
}

async function listOne(host: string, abortSignal: AbortSignal): Promise<unknown> {
  const docker = host.startsWith('unix://')
    ? new Docker({ socketPath: host.slice('unix://'.length) })
    : new Docker();
  return docker.listContainers({ limit: 1, abortSignal });
}
