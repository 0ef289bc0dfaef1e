import { createHash } from 'node:crypto';
import { setCommonHeaders, type WebContext } from '../answers/answers.ts';
import { html, type Html } from './html.ts';
import { PAGE_STYLE } from './page-style.ts';

/** The parts of a page that differ; the rest is the frame of all pages. */
export interface FramedPage {
  readonly title: string;
  readonly version: string;
  /** Relative URL of the exporter's root, seen from the page; ends in a slash. */
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

/** Answers with the page and a policy that allows only its own style and script, so that nothing in a label can run. */
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
 * Relative URL of the exporter's root, seen from the page at `routePath`, under any prefix and whether or not the request's path
 * ends in a slash.
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

/** Only for our own constants: nothing is escaped or added, so that the policy's hash matches. */
function element(name: 'style' | 'script', constant: string): Html {
  return { html: `<${name}>${constant}</${name}>` };
}

function sourceHash(source: string): string {
  return `'sha256-${createHash('sha256').update(source).digest('base64')}'`;
}
