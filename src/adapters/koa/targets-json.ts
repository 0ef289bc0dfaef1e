import type { ListedEndpoint, ListedInvalidEndpoint, TargetList } from '../../application/list-targets.ts';
import { endpointKey } from '../../domain/targets/endpoint.ts';
import { FAILURE_HINTS } from '../../domain/fetching/failure-hints.ts';
import type { Target } from '../../domain/targets/target.ts';
import { PROGRAM_NAME } from '../../domain/program-name.ts';

// Prometheus' API has this for a target that was never scraped (Go's zero time).
const NEVER = '0001-01-01T00:00:00Z';

/** The list in the shape of Prometheus' GET /api/v1/targets, with additional fields (docs/api.md). */
export function targetsJson(list: TargetList): object {
  return {
    status: 'success',
    data: {
      activeTargets: list.endpoints.map(activeTarget),
      droppedTargets: list.invalid.map(droppedTarget),
      droppedTargetCounts: { [PROGRAM_NAME]: list.invalid.length },
    },
    ...(list.problem === undefined ? {} : { warnings: [list.problem] }),
  };
}

function activeTarget(listed: ListedEndpoint): object {
  const { identified, state, mode, last } = listed;
  const { target, endpoint, labels } = identified;
  const report = last?.report;
  const failure = report?.failure;
  return {
    discoveredLabels: discoveredLabels(target),
    labels: Object.fromEntries(labels.map(({ name, value }) => [name, value])),
    scrapePool: PROGRAM_NAME,
    scrapeUrl: scrapeUrl(listed),
    lastError: failure === undefined ? '' : `${failure.reason}: ${failure.detail}`,
    lastScrape: last === undefined ? NEVER : new Date(last.atEpochMs).toISOString(),
    lastScrapeDuration: report?.durationSeconds ?? 0,
    health: state,
    targetId: target.id,
    endpoint: endpointKey(endpoint),
    fetchMode: mode,
    fetchedBy: report?.via ?? null,
    reason: failure?.reason ?? null,
    hint: failure === undefined ? null : FAILURE_HINTS[failure.reason],
    samples: report?.samples ?? 0,
    bodyBytes: report?.bodyBytes ?? 0,
    warnings: target.options.warnings,
  };
}

function droppedTarget({ target, endpoint }: ListedInvalidEndpoint): object {
  return {
    discoveredLabels: discoveredLabels(target),
    targetId: target.id,
    containerName: target.containerName,
    endpoint: endpoint.text,
    reason: endpoint.reason,
  };
}

/** The names are those of Prometheus' docker_sd_configs. */
function discoveredLabels({ attributes }: Target): Readonly<Record<string, string>> {
  const ecs = '__meta_docker_container_label_com_amazonaws_ecs_';
  const labels: Readonly<Record<string, string | undefined>> = {
    __meta_docker_container_id: attributes.containerId,
    __meta_docker_container_name:
      attributes.dockerName === undefined ? undefined : `/${attributes.dockerName}`,
    [`${ecs}cluster`]: attributes.cluster,
    [`${ecs}task_arn`]: attributes.taskArn,
    [`${ecs}task_definition_family`]: attributes.taskFamily,
    [`${ecs}task_definition_version`]: attributes.taskRevision,
  };
  return Object.fromEntries(
    Object.entries(labels).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
}

/** The URL as the technique in use requests it: from inside the container, or at its address. */
function scrapeUrl({ identified: { target, endpoint }, mode, last }: ListedEndpoint): string {
  const { address, options } = target;
  const technique = last?.report.via ?? mode;
  const isInside = technique === 'exec' || address.kind === 'none';
  const host = isInside ? 'localhost' : address.host.includes(':') ? `[${address.host}]` : address.host;
  return `${options.scheme}://${host}:${endpointKey(endpoint)}`;
}
