import { createHash } from 'node:crypto';
import { setCommonHeaders, type WebContext } from '../answers/answers.ts';
import { html, type Html } from './html.ts';
import { PAGE_STYLE } from './page-style.ts';

/** A page between the frame that all have. */
export interface FramedPage {
  readonly title: string;
  readonly version: string;
  /** Leads from the page to the exporter's root; ends in a slash. */
  readonly base: string;
  readonly main: Html;
  readonly footer?: Html;
  readonly script?: string;
}

const ICON =
  'data:image/svg+xml,' +
  encodeURIComponent(
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"><circle cx="8" cy="8" r="7" fill="#0b5cad"/>' +
      '<path d="M4 11V8m4 3V5m4 6V7" stroke="#fff" stroke-width="2"/></svg>',
  );

const NAVIGATION = [
  ['Home', ''],
  ['Targets', 'targets'],
  ['Metrics', 'metrics'],
] as const;

/** Answers with the page, and a policy under which only its own style and script run: what labels say stays text. */
export function answerPage(ctx: WebContext, page: FramedPage): void {
  ctx.status = 200;
  setCommonHeaders(ctx, 'text/html; charset=utf-8');
  const scripts = page.script === undefined ? "'none'" : sourceHash(page.script);
  ctx.set(
    'Content-Security-Policy',
    `default-src 'none'; style-src ${sourceHash(PAGE_STYLE)}; script-src ${scripts}; img-src data:; ` +
      "form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
  );
  ctx.set('Referrer-Policy', 'no-referrer');
  ctx.body = framed(page).html;
}

/**
 * Leads from the page at `routePath` (`/` or `/targets`) to the exporter's root, whatever prefix it is mounted under and
 * whether or not the request's path ends in a slash.
 */
export function linkBase(originalUrl: string, routePath: '/' | '/targets'): string {
  const path = originalUrl.replace(/[?#].*$/s, '');
  if (path.endsWith('/')) return routePath === '/' ? './' : '../';
  return routePath === '/' ? `./${path.slice(path.lastIndexOf('/') + 1)}/` : './';
}

function framed({ title, version, base, main, footer, script }: FramedPage): Html {
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>${title} · ECS Service Metrics Exporter</title>
        <link rel="icon" href="${ICON}" />
        ${element('style', PAGE_STYLE)}
      </head>
      <body>
        <header>
          <p>ECS Service Metrics Exporter <span>${version}</span></p>
          <nav aria-label="Pages">
            ${NAVIGATION.map(([name, path]) => html`<a href="${base}${path}" ${name === title && html` aria-current="page"`}>${name}</a>`)}
          </nav>
        </header>
        <main>${main}</main>
        <footer>${footer}</footer>
        ${script === undefined ? undefined : element('script', script)}
      </body>
    </html> `;
}

/** Of our own constants alone: nothing is escaped, and nothing added, so that the policy's hash fits. */
function element(name: 'style' | 'script', constant: string): Html {
  return { html: `<${name}>${constant}</${name}>` };
}

function sourceHash(source: string): string {
  return `'sha256-${createHash('sha256').update(source).digest('base64')}'`;
}
