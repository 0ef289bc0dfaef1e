import { failure, type Failure } from '../../../../domain/fetching/failure.ts';
import type { FetchRequest, TimeLimit } from '../../../../domain/fetching/metrics-fetcher.ts';
import type { ExecClient } from './exec-client.ts';
import { TIMED_OUT } from './exec-failures.ts';

/** Fetches from the client's hosts, one after the other, until something listens. */
export async function tryHosts<T>(
  client: ExecClient,
  request: FetchRequest,
  limit: TimeLimit,
  fetchFrom: (host: string) => Promise<T | 'refused'>,
): Promise<T | Failure> {
  const refusal = client.refusal(request);
  if (refusal !== undefined) return refusal;
  for (const [i, host] of client.hosts.entries()) {
    if (i > 0 && limit.leftMs() <= 0) return TIMED_OUT;
    const outcome = await fetchFrom(host);
    if (outcome !== 'refused') return outcome;
  }
  return failure(
    'connection_failed',
    `nothing listens on port ${request.endpoint.port} at ${client.hosts.join(' or ')}`,
  );
}
