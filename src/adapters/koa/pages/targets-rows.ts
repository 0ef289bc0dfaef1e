import type { ListedEndpoint } from '../../../application/list-targets.ts';
import { endpointKey } from '../../../domain/targets/endpoint.ts';
import { FAILURE_HINTS } from '../../../domain/fetching/failure-hints.ts';
import type { EndpointStatus } from '../../../application/target-board.ts';
import { shortTargetId, type Target } from '../../../domain/targets/target.ts';
import { html, type Html } from './html.ts';
import { agoText, countText, durationText, sizeText } from './quantities.ts';

interface RowsContext {
  readonly filter: string;
  readonly base: string;
  readonly nowEpochMs: number;
}

const STATE_TEXTS = { up: 'up', down: 'down', unknown: 'not scraped yet' } as const;

/** One endpoint: a row of figures, and a second one for its problem and warnings if there are any. */
export function endpointRows(listed: ListedEndpoint, context: RowsContext): Html {
  const { identified, state, mode, last } = listed;
  const { target, endpoint, labels } = identified;
  const up = state === 'up' ? last?.report : undefined;
  const link = `${context.base}targets/${encodeURIComponent(shortTargetId(target.id))}/metrics`;
  return html`<tbody role="rowgroup" ${!matches(listed, context.filter) && html` hidden`}>
    <tr role="row">
      <td role="cell" data-key="${state}"><span class="badge ${state}">${STATE_TEXTS[state]}</span></td>
      <th role="rowheader" scope="row" data-key="${target.containerName}">
        ${target.containerName}
        <ul class="labels" aria-label="Labels">
          ${labels.map(({ name, value }) => html`<li><code>${name}="${value}"</code></li>`)}
        </ul>
        ${details(target)}
      </th>
      <td role="cell" data-name="Endpoint" data-key="${endpointKey(endpoint)}">
        <div>
          <a href="${link}" title="This container's metrics alone"><code>${endpointKey(endpoint)}</code></a>
          <span class="mode">${mode}${mode === 'auto' && up?.via !== undefined && `, by ${up.via}`}</span>
        </div>
      </td>
      ${lastScrape(last, context.nowEpochMs)}
      ${figure('Duration', last?.report.durationSeconds, durationText)}
      ${figure('Samples', up?.samples, countText)} ${figure('Size', up?.bodyBytes, sizeText)}
    </tr>
    ${problemRow(listed)}
  </tbody> `;
}

function figure(name: string, value: number | undefined, text: (value: number) => string): Html {
  if (value === undefined)
    return html`<td role="cell" class="number none" data-name="${name}" data-key="-1">–</td>`;
  return html`<td role="cell" class="number" data-name="${name}" data-key="${value}">${text(value)}</td>`;
}

function lastScrape(last: EndpointStatus | undefined, nowEpochMs: number): Html {
  if (last === undefined) return figure('Last scrape', undefined, String);
  const time = new Date(last.atEpochMs).toISOString();
  return html`<td role="cell" class="number" data-name="Last scrape" data-key="${last.atEpochMs}">
    <time datetime="${time}" title="${time}">${agoText(nowEpochMs - last.atEpochMs)}</time>
  </td>`;
}

function problemRow({ identified: { target }, last }: ListedEndpoint): Html | undefined {
  const failure = last?.report.failure;
  const { warnings } = target.options;
  if (failure === undefined && warnings.length === 0) return undefined;
  return html`<tr class="problem" role="row">
    <td role="cell"></td>
    <td role="cell" colspan="6">
      ${
        failure !== undefined &&
        html`<div class="problem-box">
          <p><strong>${failure.reason}</strong>: ${failure.detail}</p>
          <p>${FAILURE_HINTS[failure.reason]}</p>
        </div>`
      }
      ${warnings.map(
        (warning) =>
          html`<div class="problem-box warning">
            <p><strong>label ignored</strong>: ${warning}</p>
          </div>`,
      )}
    </td>
  </tr>`;
}

function details(target: Target): Html {
  return html`<details>
    <summary>Details</summary>
    <dl>
      ${facts(target).map(
        ([name, value]) =>
          html`<dt>${name}</dt>
            <dd>${value}</dd>`,
      )}
    </dl>
  </details>`;
}

function facts({ id, address, attributes }: Target): readonly (readonly [string, string])[] {
  const { dockerName, image, taskArn, taskFamily, taskRevision, cluster, service } = attributes;
  const all: readonly (readonly [string, string | undefined])[] = [
    ['Id', id],
    ['Docker name', dockerName],
    ['Image', image],
    ['Address', address.kind === 'ip' ? address.host : `none: ${address.hint}`],
    ['Service', service],
    ['Task', taskArn],
    ['Task definition', taskFamily === undefined ? undefined : `${taskFamily}:${taskRevision ?? '?'}`],
    ['Cluster', cluster],
  ];
  return all.filter((fact): fact is readonly [string, string] => fact[1] !== undefined);
}

/** The same filter as in the page's script: the row contains every word. */
function matches({ identified, state, mode, last }: ListedEndpoint, filter: string): boolean {
  const { target, endpoint, labels } = identified;
  const text = [
    STATE_TEXTS[state],
    endpointKey(endpoint),
    mode,
    ...labels.map(({ name, value }) => `${name}="${value}"`),
    ...facts(target).map(([, value]) => value),
    last?.report.failure?.reason ?? '',
    last?.report.failure?.detail ?? '',
    ...target.options.warnings,
  ].join('\n');
  return filter
    .toLowerCase()
    .split(/\s+/)
    .every((word) => text.toLowerCase().includes(word));
}
