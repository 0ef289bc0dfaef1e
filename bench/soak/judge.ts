import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import type { ScrapeRecord } from './scrape-steadily.ts';
import { isTouched, SAMPLES_PER_TARGET, type SoakTarget } from './soak-targets.ts';
import type { Witness } from './witness.ts';

export interface Promises {
  readonly timeoutMs: number;
  readonly budgetMs: number;
  /** Whether the durations count. In a short run a single late answer would exceed the allowed one in a hundred. */
  readonly judgesTime: boolean;
  /** When the engine or its containers were down; undefined: never. */
  readonly outage: { readonly fromMs: number; readonly untilMs: number } | undefined;
  /** Whether targets are reachable without the engine. */
  readonly outlivesEngine: boolean;
  /** What is judged is what the exporter did while the machine and its engine did their part. */
  readonly witness: Pick<Witness, 'sawStall'>;
}

export interface Verdict {
  /** The broken promises, in words; empty: none. */
  readonly problems: readonly string[];
  readonly figures: Readonly<Record<string, string | number>>;
}

const WITHIN_BUDGET_MS = 100;
const CHECKED_BY_PROGRAMS = 40;
const OPEN_METRICS_CHECK = `
import json, sys
from prometheus_client.openmetrics.parser import text_string_to_metric_families
for text in json.load(sys.stdin):
    list(text_string_to_metric_families(text))
`;

/** Checks that the answers are as the exporter promises. */
export function judge(
  records: readonly ScrapeRecord[],
  targets: readonly SoakTarget[],
  promises: Promises,
): Verdict {
  const problems: string[] = [];
  const texts: string[] = [];
  let healthyAnswers = 0;
  let stalledAnswers = 0;
  for (const [nth, record] of records.entries()) {
    const complain = (what: string): void => void problems.push(`answer ${nth}: ${what}`);
    const isStalled = promises.witness.sawStall(record);
    if (isStalled) stalledAnswers++;
    const durationMs = ownTimeMs(record);
    if (promises.judgesTime && durationMs > promises.timeoutMs) complain(`after ${durationMs.toFixed(0)} ms`);
    if (record.isLate === true && isStalled) continue;
    if (record.status !== 200) {
      complain(`status ${record.status} ${record.problem ?? ''}${record.body.toString().slice(0, 200)}`);
      continue;
    }
    if (record.encoding !== 'gzip') complain('not gzipped');
    const text = gunzipSync(record.body).toString();
    texts.push(text);
    if (!isWellEnded(text, record.wantsOpenMetrics)) complain('its end is missing, or of the wrong format');
    const { outage, outlivesEngine } = promises;
    const isOutage =
      outage !== undefined && outage.fromMs <= record.endMs && outage.untilMs >= record.startMs;
    if (isStalled || (isOutage && !outlivesEngine)) continue;
    const untouched = targets.filter((target) => !isTouched(target, record.startMs, record.endMs));
    healthyAnswers += untouched.filter(({ isHung }) => !isHung).length;
    missing(text, untouched).forEach(complain);
  }
  const durations = records.map(ownTimeMs).sort((a, b) => a - b);
  const within = durations.filter((ms) => ms <= promises.budgetMs + WITHIN_BUDGET_MS).length;
  if (promises.judgesTime && within < 0.99 * durations.length) {
    problems.push(`only ${within} of ${durations.length} answers within the budget + ${WITHIN_BUDGET_MS} ms`);
  }
  if (healthyAnswers === 0)
    problems.push('no answer was outside all faults: nothing was proven of the targets');
  problems.push(...checkFormats(texts));
  return {
    problems,
    figures: {
      answers: records.length,
      'p50 ms': quantile(durations, 0.5),
      'p99 ms': quantile(durations, 0.99),
      'max ms': quantile(durations, 1),
      'within the budget + 100 ms': `${((100 * within) / durations.length).toFixed(1)} %`,
      'healthy targets looked for': healthyAnswers,
      'answers while all stood still': stalledAnswers,
      'CPU seconds': Math.round(100 * valueOf(texts.at(-1), 'process_cpu_seconds_total')) / 100,
      'event loop lag, max ms': Math.round(
        1000 * Math.max(...texts.map((text) => valueOf(text, 'nodejs_eventloop_lag_max_seconds'))),
      ),
    },
  };
}

/** Which of the healthy targets an answer has not whole, and why. */
export function missing(text: string, targets: readonly SoakTarget[]): string[] {
  const counts = countSamples(text);
  return targets
    .filter(({ name, isHung }) => !isHung && (counts.get(name) ?? 0) !== SAMPLES_PER_TARGET)
    .map(({ name }) => `${counts.get(name) ?? 0} samples of ${name}: ${problemOf(text, name)}`);
}

function ownTimeMs({ startMs, endMs, cpuWaitMs }: ScrapeRecord): number {
  return endMs - startMs - cpuWaitMs;
}

function isWellEnded(text: string, isOpenMetrics: boolean): boolean {
  return isOpenMetrics ? text.endsWith('\n# EOF\n') : text.endsWith('\n') && !text.includes('\n# EOF');
}

function countSamples(text: string): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const [, name = ''] of text.matchAll(/^soak_requests_total\{container_name="([^"]*)",path=/gm)) {
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return counts;
}

function problemOf(text: string, name: string): string {
  const match = new RegExp(`target_problem\\{container_name="${name}",reason="(\\w+)"`).exec(text);
  return match?.[1] ?? 'without a target_problem';
}

function valueOf(text: string | undefined, name: string): number {
  return Number(new RegExp(`^${name}\\{[^}]*\\} (\\S+)`, 'm').exec(text ?? '')?.[1] ?? NaN);
}

function quantile(sorted: readonly number[], q: number): number {
  return Math.round(sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))] ?? 0);
}

/** Parses a selection of the answers, spread over the run, with Prometheus' own parsers. */
function checkFormats(texts: readonly string[]): string[] {
  const isOpenMetrics = (text: string): boolean => text.endsWith('# EOF\n');
  const problems: string[] = [];
  for (const text of spread(texts.filter((one) => !isOpenMetrics(one)))) {
    // 3: complaints of the lint, about the targets' own metrics.
    const { status, stderr } = spawnSync('promtool', ['check', 'metrics'], { input: text, encoding: 'utf8' });
    if (status !== 0 && status !== 3) problems.push(`promtool refuses an answer: ${stderr}`);
  }
  const openMetrics = JSON.stringify(spread(texts.filter(isOpenMetrics)));
  // Debian's Python has the parser's package; another one on the PATH may not.
  const python = existsSync('/usr/bin/python3') ? '/usr/bin/python3' : 'python3';
  const { status, stderr } = spawnSync(python, ['-c', OPEN_METRICS_CHECK], {
    input: openMetrics,
    encoding: 'utf8',
  });
  if (status !== 0) problems.push(`prometheus_client refuses an OpenMetrics answer: ${stderr.slice(-500)}`);
  return problems;
}

function spread(texts: readonly string[]): string[] {
  const step = Math.max(1, Math.ceil(texts.length / CHECKED_BY_PROGRAMS));
  return texts.filter((_, i) => i % step === 0);
}
