import type { IncomingMessage } from 'node:http';
import Koa from 'koa';
import type { Logger } from '../../domain/logger.ts';
import { answerText, type WebContext } from './answers/answers.ts';
import { createRouter, type RouterParts } from './create-router.ts';

/** Creates a Koa app of the exporter's router, which answers 404 to other paths and logs the errors of connections. */
export function createApp(parts: RouterParts): Koa {
  const app = new Koa();
  app.on('error', (error: unknown) => logConnectionError(parts.logger, error));
  app.use((ctx, next) => {
    ctx.originalUrl = mountedUrl(ctx.req) ?? ctx.originalUrl;
    if (hasPath(ctx)) return next();
    answerText(ctx, 400, 'bad request: its target is no path and no URL');
    return undefined;
  });
  app.use(createRouter(parts).routes());
  app.use((ctx) => answerText(ctx, 404, 'not found: / lists what is here'));
  return app;
}

/** Express and Connect remove the path at which a handler is mounted from `url`, and keep the whole in `originalUrl`. */
function mountedUrl(request: IncomingMessage & { readonly originalUrl?: string }): string | undefined {
  return request.originalUrl;
}

/** Koa parses the path on first use, and throws if the request's target is not a URL. */
function hasPath(ctx: WebContext): boolean {
  try {
    return ctx.path !== '';
  } catch {
    return false;
  }
}

/** Exceptions of pages don't get here (see `serve`): only a client that has left or a broken connection does. */
function logConnectionError(logger: Logger, error: unknown): void {
  logger.debug('a connection ended early', {
    error: error instanceof Error ? error.message : String(error),
  });
}
