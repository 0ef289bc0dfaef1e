import type { MergeMemory } from '../samples/merge-memory.ts';
import type { MetricKeys } from './metric-keys.ts';
import type { RunTable } from './block-index.ts';
import { HAS_TIMESTAMP } from '../engine/sample-flags.ts';
import type { SampleLog } from '../samples/sample-table.ts';

/**
 * Leaves out the samples with a timestamp of every series that has one without, too, and returns how many these are: in OpenMetrics the
 * points of a metric have increasing timestamps (1.0.0, section "Metric"), and there is none to compare with.
 */
export function leaveOutTimedTwins({ log, names }: MergeMemory, runs: RunTable, keys: MetricKeys): number {
  let count = 0;
  for (const name of runs.names) {
    const named = runs.runsOf([name]);
    if (!runs.haveFlag(named, HAS_TIMESTAMP)) continue;
    const family = names.latin1Of(name);
    const suspects = keys.unevenKeys(named, keys.hashKeys('unknown', family));
    if (suspects.size === 0) continue;
    const keyOf = keys.finerKeys(suspects, 'unknown', family);
    const uneven = keys.unevenKeys(named, keyOf);
    runs.forEachSample(named, (sample, run) => {
      if (((log.flags[sample] ?? 0) & HAS_TIMESTAMP) === 0 || !uneven.has(keyOf(sample, run))) return;
      log.leaveOut(sample, run);
      count++;
    });
    // Buckets were compared with some that don't go out.
    for (const run of named) log.doubtOrder(run);
  }
  return count;
}

/** Leaves out the samples of these runs, but for those of some sources, and returns how many these are. */
export function leaveOutRuns(
  log: SampleLog,
  runs: RunTable,
  concerned: readonly number[],
  keeps: (source: number) => boolean,
): number {
  let count = 0;
  runs.forEachSample(concerned, (sample, run) => {
    if (keeps(runs.sourceOf(run))) return;
    log.leaveOut(sample, run);
    count++;
  });
  return count;
}
