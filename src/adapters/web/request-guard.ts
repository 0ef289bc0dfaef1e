import type { IncomingMessage, ServerResponse } from 'node:http';

import type { Logger } from '../../domain/logger.ts';
import type { BasicAuth } from './auth/basic-auth.ts';
import { RateLimiter } from './rate-limiter.ts';
import type { RefusalLog } from './refusal-log.ts';
import type { WebConfig } from './config/web-config.ts';
import { PROGRAM_NAME } from '../../domain/program-name.ts';

const RETRY_AFTER_SECONDS = 2;

/** Applies rate limit, headers and basic auth to each request before its handler. No path is exempt. */
export class RequestGuard {
  readonly #auth: BasicAuth;
  readonly #refusals: RefusalLog;
  readonly #logger: Logger;
  readonly #limiter = new RateLimiter();

  constructor(auth: BasicAuth, refusals: RefusalLog, logger: Logger) {
    this.#auth = auth;
    this.#refusals = refusals;
    this.#logger = logger;
  }

  /** Resolves with true if the handler may answer the request; with false if it has been answered. Never rejects. */
  async admits(config: WebConfig, request: IncomingMessage, response: ServerResponse): Promise<boolean> {
    for (const [name, value] of config.headers) response.setHeader(name, value);
    if (!this.#limiter.admits(config.rateLimit)) {
      this.#refusals.report('rate limit', request.socket, 'rate_limit of the web configuration');
      return refuse(response, 429, { 'Retry-After': RETRY_AFTER_SECONDS });
    }
    if (config.users.size === 0) return true;
    return this.#isAuthenticated(config, request, response);
  }

  async #isAuthenticated(
    config: WebConfig,
    request: IncomingMessage,
    response: ServerResponse,
  ): Promise<boolean> {
    const closed = new AbortController();
    response.once('close', () => closed.abort());
    const peer = request.socket.remoteAddress ?? '';
    try {
      const outcome = await this.#auth.check(
        config.users,
        request.headers.authorization,
        peer,
        closed.signal,
      );
      if (outcome === 'granted') return true;
      if (outcome === 'busy') {
        this.#refusals.report('password queue', request.socket, 'too many passwords to check');
        return refuse(response, 429, { 'Retry-After': RETRY_AFTER_SECONDS });
      }
      this.#refusals.report('credentials', request.socket, 'no or wrong user name and password');
      return refuse(response, 401, {
        'WWW-Authenticate': `Basic realm="${PROGRAM_NAME}", charset="UTF-8"`,
      });
    } catch (error) {
      this.#logger.error('password could not be checked', { error: String(error) });
      return refuse(response, 500, {});
    }
  }
}

function refuse(
  response: ServerResponse,
  status: number,
  headers: Readonly<Record<string, string | number>>,
): false {
  response.writeHead(status, { ...headers, 'Content-Type': 'text/plain; charset=utf-8' });
  response.end(`${response.statusMessage}\n`);
  return false;
}
