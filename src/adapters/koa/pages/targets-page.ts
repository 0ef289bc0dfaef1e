import type { ListedEndpoint, TargetList } from '../../../application/list-targets.ts';
import { shortTargetId } from '../../../domain/targets/target.ts';
import { html, type Html } from './html.ts';
import { endpointRows } from './targets-rows.ts';

export interface TargetsPage {
  readonly list: TargetList;
  /** Words that a row must contain to be shown; empty: all rows are shown. */
  readonly filter: string;
  /** The Docker label that marks targets; undefined if another discovery finds them. */
  readonly markerLabel: string | undefined;
  readonly base: string;
  readonly nowEpochMs: number;
}

const STATE_ORDER = { down: 0, unknown: 1, up: 2 } as const;

/** The list of targets for people: failing endpoints first. */
export function targetsPage(page: TargetsPage): Html {
  const { list } = page;
  const rows = [...list.endpoints].sort((a, b) => STATE_ORDER[a.state] - STATE_ORDER[b.state]);
  return html`<h1>Targets</h1>
    ${problemNotice(list)}
    ${list.endpoints.length + list.invalid.length === 0 && list.problem === undefined ? emptyNotice(page.markerLabel) : undefined}
    ${rows.length > 0 && targetsTable(page, rows)} ${list.invalid.length > 0 && invalidTable(list)}`;
}

export function targetsFooter({ list, base, nowEpochMs }: TargetsPage): Html {
  const usesExec = list.endpoints.some(({ mode }) => mode !== 'http');
  return html`<p>
      As of <time datetime="${new Date(nowEpochMs).toISOString()}">${utcText(nowEpochMs)}</time>. Figures are
      those of the last scrape; opening this page fetches nothing. The same as JSON:
      <a href="${base}api/v1/targets">api/v1/targets</a>
    </p>
    ${
      usesExec &&
      html`<p>
        Exec mode runs curl or wget inside the container: during a fetch, up to 11 MB of its memory limit and
        2 to 4 of its process ids. Leave room for that.
      </p>`
    }`;
}

function targetsTable(page: TargetsPage, rows: readonly ListedEndpoint[]): Html {
  const column = (name: string, isNumber = false): Html =>
    html`<th scope="col" role="columnheader" ${isNumber && html` class="number"`}>${name}</th>`;
  return html`<div class="bar">
      <ul class="counts" aria-label="Endpoints by state">
        ${counts(page.list)}
      </ul>
      <form role="search">
        <label for="filter">Filter</label>
        <input
          id="filter"
          name="q"
          type="search"
          value="${page.filter}"
          autocomplete="off"
          placeholder="name, label, state, reason"
        />
        <button>Apply</button><span id="shown" class="shown" role="status"></span>
      </form>
    </div>
    <div class="card wide">
      <table id="targets" role="table" aria-label="Endpoints">
        <thead role="rowgroup">
          <tr role="row">
            ${column('State')}${column('Container')}${column('Endpoint')}${column('Last scrape', true)}${column('Duration', true)}${column('Samples', true)}${column('Size', true)}
          </tr>
        </thead>
        ${rows.map((row) => endpointRows(row, page))}
      </table>
    </div>`;
}

function counts({ endpoints, invalid }: TargetList): readonly Html[] {
  const count = (state: ListedEndpoint['state']): number =>
    endpoints.filter((endpoint) => endpoint.state === state).length;
  const badges = [
    ['up', count('up'), 'up'],
    ['down', count('down'), 'down'],
    ['unknown', count('unknown'), 'not scraped yet'],
    ['invalid', invalid.length, 'invalid'],
  ] as const;
  return badges.flatMap(([state, number, text]) =>
    number === 0 && state !== 'up' ? [] : [html`<li class="badge ${state}">${number} ${text}</li>`],
  );
}

function problemNotice({ problem, endpoints }: TargetList): Html | undefined {
  if (problem === undefined) return undefined;
  return html`<div class="card notice bad" role="alert">
    <p><strong>The running containers can not be listed.</strong></p>
    <p>${problem}</p>
    ${endpoints.length > 0 && html`<p>Below is the list as it was last known.</p>`}
  </div>`;
}

function emptyNotice(markerLabel: string | undefined): Html {
  if (markerLabel === undefined) {
    return html`<div class="card notice">
      <p><strong>There are no targets.</strong></p>
      <p>The discovery lists none. Check the files that DISCOVERY_FILES names.</p>
    </div>`;
  }
  return html`<div class="card notice">
    <p>
      <strong>No running container has the label <code>${markerLabel}</code>.</strong>
    </p>
    <p>
      Give a container the label with the port and path of its metrics, and it is in the very next scrape. In
      an ECS task definition:
    </p>
    <pre><code>"dockerLabels": { "${markerLabel}": "9100/metrics" }</code></pre>
    <p>or on the command line:</p>
    <pre><code>docker run --label ${markerLabel}=9100/metrics …</code></pre>
  </div>`;
}

function invalidTable({ invalid }: TargetList): Html {
  return html`<h2>Never fetched: labels that are not understood</h2>
    <div class="card wide">
      <table class="static" role="table" aria-label="Invalid endpoints">
        <thead role="rowgroup">
          <tr role="row">
            <th scope="col" role="columnheader">Container</th>
            <th scope="col" role="columnheader">Written</th>
            <th scope="col" role="columnheader">What is wrong</th>
          </tr>
        </thead>
        ${invalid.map(
          ({ target, endpoint }) =>
            html`<tbody role="rowgroup">
              <tr role="row">
                <th scope="row" role="rowheader">
                  ${target.containerName}
                  <div class="labels"><code>${shortTargetId(target.id)}</code></div>
                </th>
                <td role="cell" data-name="Written">
                  <code>${endpoint.text === '' ? '(empty)' : endpoint.text}</code>
                </td>
                <td role="cell" data-name="What is wrong">${endpoint.reason}</td>
              </tr>
            </tbody> `,
        )}
      </table>
    </div>`;
}

function utcText(epochMs: number): string {
  return new Date(epochMs).toISOString().replace('T', ' ').replace(/\..*/, ' UTC');
}
