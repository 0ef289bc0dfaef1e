import { Router } from '@koa/router';
import { type CollectMetrics, type ScrapeRequest } from '../../application/collect-metrics.ts';
import { TooManyScrapesError } from '../../application/scrape-admission.ts';
import type { ListTargets } from '../../application/list-targets.ts';
import type { Clock } from '../../domain/clock.ts';
import type { Failure } from '../../domain/fetching/failure.ts';
import type { Logger } from '../../domain/logger.ts';
import { LOOP_HEADER } from '../../domain/fetching/metrics-fetcher.ts';
import { answerExposition } from './answers/answer-exposition.ts';
import { answerJson, answerText, serve, type Page, type WebContext } from './answers/answers.ts';
import { landingPage } from './pages/landing-page.ts';
import { answerPage, linkBase } from './pages/page-frame.ts';
import { targetsJson } from './targets-json.ts';
import { targetsFooter, targetsPage } from './pages/targets-page.ts';
import { TARGETS_SCRIPT } from './pages/targets-script.ts';

/** Everything that the routes need. */
export interface RouterParts {
  readonly collectMetrics: Pick<CollectMetrics, 'collect' | 'collectTarget'>;
  readonly listTargets: Pick<ListTargets, 'list' | 'findId'>;
  /** Resolves with the reason why the exporter is not ready, in one line; undefined: ready. */
  readonly readiness: (signal: AbortSignal) => Promise<string | undefined>;
  readonly logger: Logger;
  readonly clock: Clock;
  /** The exporter's version, for people. */
  readonly version: string;
  /** The Docker label that marks targets, for people; undefined if another discovery finds them. */
  readonly markerLabel: string | undefined;
}

const RETRY_AFTER_SECONDS = '1';

/**
 * Creates a router of all paths of the exporter. It also works under a prefix in another Koa app: links on pages are relative.
 * Each path answers wrong methods (405) and its own exceptions (500); unknown paths are left to the next middleware.
 */
export function createRouter(parts: RouterParts): Router {
  const router = new Router();
  const healthy: Page = (ctx) => answerText(ctx, 200, 'ok');
  const pages: Readonly<Record<string, Page>> = {
    '/': (ctx) => answerLanding(parts, ctx),
    '/targets': (ctx, signal) => answerTargets(parts, ctx, signal),
    '/api/v1/targets': async (ctx, signal) =>
      answerJson(ctx, targetsJson(await parts.listTargets.list(signal))),
    '/metrics': (ctx, signal) => answerMetrics(parts, ctx, signal),
    '/targets/:id/metrics': (ctx, signal) => answerTarget(parts, ctx, signal),
    '/-/healthy': healthy,
    '/health': healthy,
    '/-/ready': async (ctx, signal) => {
      const problem = await parts.readiness(signal);
      if (problem === undefined) answerText(ctx, 200, 'ready');
      else answerText(ctx, 503, `not ready: ${problem}`);
    },
  };
  for (const [path, page] of Object.entries(pages)) router.all(path, serve(page, parts.logger));
  return router;
}

function answerLanding({ version }: RouterParts, ctx: WebContext): void {
  const base = linkBase(ctx.originalUrl, '/');
  answerPage(ctx, { title: 'Home', version, base, main: landingPage(base) });
}

async function answerTargets(parts: RouterParts, ctx: WebContext, signal: AbortSignal): Promise<void> {
  const { version, markerLabel, clock, listTargets } = parts;
  const page = {
    list: await listTargets.list(signal),
    filter: [ctx.query['q'] ?? ''].flat().join(' '),
    markerLabel,
    base: linkBase(ctx.originalUrl, '/targets'),
    nowEpochMs: clock.epochMs(),
  };
  answerPage(ctx, {
    title: 'Targets',
    version,
    base: page.base,
    main: targetsPage(page),
    footer: targetsFooter(page),
    script: TARGETS_SCRIPT,
  });
}

async function answerMetrics(parts: RouterParts, ctx: WebContext, signal: AbortSignal): Promise<void> {
  if (refusesLoop(ctx)) return;
  const names = [ctx.query['container_name'] ?? []].flat();
  await answerUnlessOverloaded(ctx, async () => {
    answerExposition(ctx, await parts.collectMetrics.collect(scrapeRequest(ctx), names, signal));
  });
}

async function answerTarget(parts: RouterParts, ctx: WebContext, signal: AbortSignal): Promise<void> {
  if (refusesLoop(ctx)) return;
  const { id: wanted = '' } = ctx['params'] as Readonly<Record<string, string>>;
  await answerUnlessOverloaded(ctx, async () => {
    const id = await parts.listTargets.findId(wanted, signal);
    const answer =
      id === undefined
        ? ({ kind: 'unknown' } as const)
        : await parts.collectMetrics.collectTarget(scrapeRequest(ctx), id, signal);
    if (answer.kind === 'merged') answerExposition(ctx, answer.merged);
    else if (answer.kind === 'failed') answerFailure(ctx, answer.failure);
    else answerText(ctx, 404, 'no target with a valid endpoint has this id: see /targets');
  });
}

function answerFailure(ctx: WebContext, { reason, detail }: Failure): void {
  const ranOutOfTime = reason === 'timeout' || reason === 'queued';
  answerText(ctx, ranOutOfTime ? 504 : 502, `${reason}: ${detail}`);
}

/** An exporter that scrapes itself, or another one that scrapes it, would never end. */
function refusesLoop(ctx: WebContext): boolean {
  if (ctx.get(LOOP_HEADER) === '') return false;
  answerText(ctx, 508, 'loop: this request comes from an ECS service metrics exporter');
  return true;
}

async function answerUnlessOverloaded(ctx: WebContext, answer: () => Promise<void>): Promise<void> {
  try {
    await answer();
  } catch (error) {
    if (!(error instanceof TooManyScrapesError)) throw error;
    ctx.set('Retry-After', RETRY_AFTER_SECONDS);
    answerText(ctx, 503, error.message);
  }
}

function scrapeRequest(ctx: WebContext): ScrapeRequest {
  return {
    accept: headerOf(ctx, 'Accept'),
    timeoutSeconds: headerOf(ctx, 'X-Prometheus-Scrape-Timeout-Seconds'),
  };
}

function headerOf(ctx: WebContext, name: string): string | undefined {
  const value = ctx.get(name);
  return value === '' ? undefined : value;
}
