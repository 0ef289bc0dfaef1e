import type { IncomingMessage } from 'node:http';
import Koa from 'koa';
import type { Logger } from '../../domain/logger.ts';
import { answerText, type WebContext } from './answers/answers.ts';
import { createRouter, type RouterParts } from './create-router.ts';

/** The exporter as an app of its own: its router, 404 for all else, and errors of connections in the log. */
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

/** Express and Connect take the path that a handler is mounted at off the URL, and keep the whole one. */
function mountedUrl(request: IncomingMessage & { readonly originalUrl?: string }): string | undefined {
  return request.originalUrl;
}

/** Koa reads the path when it is first asked for, and throws where the request's target is no URL. */
function hasPath(ctx: WebContext): boolean {
  try {
    return ctx.path !== '';
  } catch {
    return false;
  }
}

/** Exceptions of pages are answered before Koa sees them: what comes here is a client that left or a broken connection. */
function logConnectionError(logger: Logger, error: unknown): void {
  logger.debug('a connection ended early', {
    error: error instanceof Error ? error.message : String(error),
  });
}
