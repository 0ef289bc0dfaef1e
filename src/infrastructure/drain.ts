import type { WebServer } from '../adapters/web/web-server.ts';
import type { Logger } from '../domain/logger.ts';

// ECS kills 30 s after its SIGTERM.
const DRAIN_LIMIT_MS = 25_000;

/** Closes the server. Scrapes in flight may finish first, but not for longer than ECS waits. */
export async function drain(server: WebServer, logger: Logger): Promise<void> {
  const limit = setTimeout(() => {
    logger.warn('scrapes in flight took too long: their connections are cut');
    server.closeAllConnections();
  }, DRAIN_LIMIT_MS);
  await server.close();
  clearTimeout(limit);
}
