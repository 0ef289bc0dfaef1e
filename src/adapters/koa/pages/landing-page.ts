import { html, type Html } from './html.ts';

const LINKS: Readonly<Record<string, string>> = {
  metrics: 'All targets and this exporter itself, merged: what Prometheus scrapes',
  targets: 'What this exporter sees, how each endpoint fares, and what to do about a failure',
  'api/v1/targets': 'The same as JSON',
  '-/healthy': 'Answers 200 while the process is alive',
  '-/ready': 'Answers 200 while Docker answers',
};

const PATTERNS: Readonly<Record<string, string>> = {
  '/metrics?container_name=<name>': 'The containers of this name alone; may be repeated',
  '/targets/<container id>/metrics': 'One container alone; linked from its row at /targets',
};

/** The page at the root, which links to all others. */
export function landingPage(base: string): Html {
  return html`<h1>Metrics of this host's labelled containers</h1>
    <div class="card links">
      <dl>
        ${Object.entries(LINKS).map(
          ([path, meaning]) =>
            html`<dt>
                <a href="${base}${path}"><code>/${path}</code></a>
              </dt>
              <dd>${meaning}</dd> `,
        )}
        ${Object.entries(PATTERNS).map(
          ([pattern, meaning]) =>
            html`<dt><code>${pattern}</code></dt>
              <dd>${meaning}</dd> `,
        )}
      </dl>
    </div>`;
}
