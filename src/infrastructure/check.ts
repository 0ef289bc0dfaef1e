import { readFileSync } from 'node:fs';
import { DockerConnectionError } from '../adapters/docker/connection/docker-address.ts';
import { loadWebConfig } from '../adapters/web/config/load-web-config.ts';
import { WebConfigError } from '../adapters/web/config/web-config.ts';
import type { ListTargets, TargetList } from '../application/list-targets.ts';
import { endpointKey } from '../domain/targets/endpoint.ts';
import type { LogFields, Logger } from '../domain/logger.ts';
import { FAILURE_HINTS } from '../domain/fetching/failure-hints.ts';
import { shortTargetId } from '../domain/targets/target.ts';
import type { CollectMetrics } from '../application/collect-metrics.ts';
import type { Settings } from './config/settings.ts';
import { buildContainer } from './container/build-container.ts';
import { SERVICES } from './container/services.ts';
import { printable } from './printable.ts';
import { PROGRAM_NAME } from '../domain/program-name.ts';

const EXIT_PROBLEM = 1;

/** Lists what would be scraped, tries each endpoint once and explains every failure. Resolves with 1 if anything is wrong. */
export async function check(settings: Settings): Promise<number> {
  const container = buildContainer(settings);
  const logger = new FileProblemLogger();
  container.rebind(SERVICES.logger).toConstantValue(logger);
  try {
    const list = await tryAll(container.get(SERVICES.collectMetrics), container.get(SERVICES.listTargets));
    const { lines, isFine } = reportOf(list);
    const problems = [...webConfigProblems(settings), ...logger.problems].map(
      (problem) => `problem  ${problem}`,
    );
    process.stdout.write([...problems, ...lines].map((line) => `${printable(line)}\n`).join(''));
    return isFine && problems.length === 0 ? 0 : EXIT_PROBLEM;
  } catch (error) {
    if (!(error instanceof DockerConnectionError)) throw error;
    process.stderr.write(`${PROGRAM_NAME}: ${error.message}\n`);
    return EXIT_PROBLEM;
  } finally {
    await container.get(SERVICES.closing).disposeAsync();
  }
}

/** Replaces the log, as the report says the same. Keeps only the warnings about files of targets, which the report lacks. */
class FileProblemLogger implements Logger {
  readonly problems: string[] = [];

  warn(_message: string, { subject, problem }: LogFields = {}): void {
    if (subject !== undefined) this.problems.push(`${subject}: ${problem}`);
  }

  debug(): void {
    // Not for the report.
  }

  info(): void {
    // Not for the report.
  }

  error(): void {
    // In the report already.
  }
}

function webConfigProblems({ webConfigFile }: Settings): readonly string[] {
  try {
    if (webConfigFile !== undefined) loadWebConfig(webConfigFile, (path) => readFileSync(path));
    return [];
  } catch (error) {
    if (!(error instanceof WebConfigError)) throw error;
    return error.mistakes;
  }
}

async function tryAll(collectMetrics: CollectMetrics, listTargets: ListTargets): Promise<TargetList> {
  const { signal } = new AbortController();
  const merged = await collectMetrics.collect({ accept: undefined, timeoutSeconds: undefined }, [], signal);
  merged.release();
  return await listTargets.list(signal);
}

/** Describes each target of a list that has been scraped. */
export function reportOf(list: TargetList): { readonly lines: readonly string[]; readonly isFine: boolean } {
  const lines: string[] = [];
  if (list.problem !== undefined) lines.push(`the source of targets does not answer: ${list.problem}`);
  for (const { identified, last } of list.endpoints) {
    const name = `${identified.target.containerName} (${shortTargetId(identified.target.id)}) ${endpointKey(identified.endpoint)}`;
    if (last === undefined) {
      lines.push(`unknown  ${name}: it came after the check began`);
      continue;
    }
    const warnings = identified.target.options.warnings.map((warning) => `         ${warning}`);
    const { failure, samples, bodyBytes, durationSeconds, via } = last.report;
    if (failure === undefined) {
      lines.push(
        `up       ${name}: ${samples} samples, ${bodyBytes} bytes in ${durationSeconds.toFixed(3)} s by ${via}`,
      );
    } else {
      lines.push(
        `down     ${name}: ${failure.reason}: ${failure.detail}`,
        `         ${FAILURE_HINTS[failure.reason]}`,
      );
    }
    lines.push(...warnings);
  }
  for (const { target, endpoint } of list.invalid) {
    lines.push(
      `invalid  ${target.containerName} (${shortTargetId(target.id)}) "${endpoint.text}" ${endpoint.reason}`,
    );
  }
  if (lines.length === 0) lines.push('there are no targets');
  const isDown = list.endpoints.some(({ last }) => last?.report.failure !== undefined);
  return { lines, isFine: list.problem === undefined && !isDown && list.invalid.length === 0 };
}
