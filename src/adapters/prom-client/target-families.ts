import { endpointName, identityValue, type IdentifiedEndpoint } from '../../domain/targets/identity.ts';
import type { TypeConflict } from '../../domain/exposition/families/type-conflict.ts';
import type { EndpointReport, ScrapeReport } from '../../domain/reporting/scrape-report.ts';
import type { FailureCounts } from './failure-counts.ts';
import { familyText, joinLabels, labelsText } from './family-text.ts';

const MAX_CONFLICT_SERIES = 100;

/** Writes the families about targets, from the report of one scrape. */
export function targetFamilies(report: ScrapeReport, failures: FailureCounts): string {
  const { endpoints } = report;
  const up = endpoints.filter(({ failure }) => failure === undefined);
  const perEndpoint = (reports: readonly EndpointReport[], value: (report: EndpointReport) => number) =>
    reports.map((each) => [labelsText(each.identified.labels), value(each)] as const);
  return [
    familyText(
      'target_up',
      'gauge',
      "1 if this scrape got the endpoint's metrics, 0 if not.",
      perEndpoint(endpoints, ({ failure }) => (failure === undefined ? 1 : 0)),
    ),
    familyText(
      'target_scrape_duration_seconds',
      'gauge',
      'How long fetching and reading the endpoint took in this scrape.',
      perEndpoint(endpoints, ({ durationSeconds }) => Math.round(durationSeconds * 1e6) / 1e6),
    ),
    familyText(
      'target_samples_scraped',
      'gauge',
      'Samples that the endpoint returned, duplicates included; absent while it is down.',
      perEndpoint(up, ({ samples }) => samples),
    ),
    familyText(
      'target_body_bytes',
      'gauge',
      "Size of the endpoint's answer, decompressed; absent while it is down.",
      perEndpoint(up, ({ bodyBytes }) => bodyBytes),
    ),
    familyText(
      'target_problem',
      'gauge',
      '1 while the endpoint is down, with the reason.',
      endpoints.flatMap(({ identified, failure }) =>
        failure === undefined ? [] : [[withReason(identified, failure.reason), 1] as const],
      ),
    ),
    familyText(
      'target_failures_total',
      'counter',
      'Scrapes in which the endpoint was down, by reason, since the container is known.',
      endpoints.flatMap(({ identified }) =>
        [...failures.of(identified)].map(
          ([reason, count]) => [withReason(identified, reason), count] as const,
        ),
      ),
    ),
    familyText(
      'target_start_time_seconds',
      'gauge',
      'When the container was created, Unix time.',
      perEndpoint(
        endpoints.filter(({ identified }) => identified.target.createdSeconds > 0),
        ({ identified }) => identified.target.createdSeconds,
      ),
    ),
    familyText(
      'target_info',
      'gauge',
      'What is known about the container beyond its identity labels; always 1.',
      endpoints.map(({ identified }) => [targetInfo(identified), 1] as const),
    ),
    familyText('targets', 'gauge', 'Endpoints by state; invalid ones are never fetched.', [
      ['state="up"', up.length],
      ['state="down"', endpoints.length - up.length],
      ['state="invalid"', report.invalidEndpoints],
    ]),
    familyText(
      'type_conflicts',
      'gauge',
      '1 for each family that targets declare with different types: it goes out untyped. Families beyond the ' +
        `first ${MAX_CONFLICT_SERIES} are counted under (others).`,
      typeConflicts(report.typeConflicts),
    ),
  ].join('');
}

function withReason({ labels }: IdentifiedEndpoint, reason: string): string {
  return joinLabels(labelsText(labels), `reason="${reason}"`);
}

/** By the array of an endpoint's labels, with the facts that the text was made from. */
const infoTexts = new WeakMap<
  IdentifiedEndpoint['labels'],
  { readonly facts: string; readonly text: string }
>();

function targetInfo({ target, endpoint, labels }: IdentifiedEndpoint): string {
  const values = {
    container_name: target.containerName,
    container_id: identityValue(target, 'container_id'),
    image: target.attributes.image,
    task_arn: target.attributes.taskArn,
    task_family: target.attributes.taskFamily,
    task_revision: target.attributes.taskRevision,
    cluster: identityValue(target, 'cluster'),
    docker_name: target.attributes.dockerName,
    service: target.attributes.service,
    metrics_endpoint: endpointName(target, endpoint),
  };
  // The discovery makes a new Target for each scrape, but its facts hardly ever change.
  const facts = Object.values(values).join('\n');
  const known = infoTexts.get(labels);
  if (known?.facts === facts) return known.text;
  const more = Object.entries(values).flatMap(([name, value = '']) =>
    value === '' || labels.some((label) => label.name === name) ? [] : [{ name, value }],
  );
  const text = joinLabels(labelsText(labels), labelsText(more));
  infoTexts.set(labels, { facts, text });
  return text;
}

function typeConflicts(conflicts: readonly TypeConflict[]): (readonly [string, number])[] {
  const shown = conflicts
    .slice(0, MAX_CONFLICT_SERIES)
    .map(({ family }) => [labelsText([{ name: 'family', value: family }]), 1] as const);
  const others = conflicts.length - shown.length;
  return others > 0 ? [...shown, ['family="(others)"', others]] : shown;
}
