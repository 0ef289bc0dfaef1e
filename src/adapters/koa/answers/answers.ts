import type { Middleware, ParameterizedContext } from 'koa';
import type { Logger } from '../../../domain/logger.ts';

/** The context of a request, from Koa or from its router. */
export type WebContext = ParameterizedContext;

/** Answers a GET (or HEAD) of one path. The signal aborts when the client has left. */
export type Page = (ctx: WebContext, signal: AbortSignal) => Promise<void> | void;

/**
 * Makes a middleware of a page: refuses other methods (405), logs an exception and answers it with a 500 of one line, which
 * tells the client nothing about its cause.
 */
export function serve(page: Page, logger: Logger): Middleware {
  return async (ctx) => {
    if (ctx.method !== 'GET' && ctx.method !== 'HEAD') {
      ctx.set('Allow', 'GET, HEAD');
      answerText(ctx, 405, 'method not allowed: use GET');
      return;
    }
    const signal = clientSignal(ctx);
    try {
      await page(ctx, signal);
    } catch (error) {
      if (signal.aborted) return;
      logger.error('a request failed', {
        path: ctx.path,
        error: error instanceof Error ? (error.stack ?? error.message) : String(error),
      });
      answerText(ctx, 500, "internal error: see the exporter's log");
    }
  };
}

/** Answers with one line of plain text. */
export function answerText(ctx: WebContext, status: number, line: string): void {
  ctx.status = status;
  setCommonHeaders(ctx, 'text/plain; charset=utf-8');
  ctx.body = `${line}\n`;
}

export function answerJson(ctx: WebContext, value: unknown): void {
  ctx.status = 200;
  setCommonHeaders(ctx, 'application/json; charset=utf-8');
  ctx.body = JSON.stringify(value);
}

/** Sets the headers of all answers: the exact Content-Type, no sniffing, no caching. */
export function setCommonHeaders(ctx: WebContext, contentType: string): void {
  ctx.set('Content-Type', contentType);
  ctx.set('X-Content-Type-Options', 'nosniff');
  ctx.set('Cache-Control', 'no-store');
}

function clientSignal(ctx: WebContext): AbortSignal {
  const controller = new AbortController();
  ctx.res.once('close', () => {
    if (!ctx.res.writableFinished) controller.abort(new DOMException('the client has left', 'AbortError'));
  });
  return controller.signal;
}
