import { monitorEventLoopDelay } from 'node:perf_hooks';
import { collectDefaultMetrics, Gauge, Registry } from 'prom-client';

// Gauges of prom-client whose names end in _total: promtool's lint complains about them.
const MISNAMED_GAUGES = [
  'nodejs_active_handles_total',
  'nodejs_active_requests_total',
  'nodejs_active_resources_total',
];

const MONITOR_INTERVAL_MS = 2000;
const NEVER_MS = 2 ** 31 - 1;

const LAG = 'nodejs_eventloop_lag_seconds';
const LAG_STATISTICS: Readonly<Record<string, string>> = {
  min: 'The minimum recorded event loop delay.',
  max: 'The maximum recorded event loop delay.',
  mean: 'The mean of the recorded event loop delays.',
  stddev: 'The standard deviation of the recorded event loop delays.',
  p50: 'The 50th percentile of the recorded event loop delays.',
  p90: 'The 90th percentile of the recorded event loop delays.',
  p99: 'The 99th percentile of the recorded event loop delays.',
};

let registry: Registry | undefined;

/**
 * prom-client's default metrics under their standard names. One registry per process, created on the first call, because its
 * observers can't be stopped. It doesn't keep the process alive.
 */
export function processRegistry(): Registry {
  if (registry !== undefined) return registry;
  registry = new Registry();
  // prom-client's monitor would wake the process 100 times a second, or, if slower, report its own interval as delay.
  collectDefaultMetrics({ register: registry, eventLoopMonitoringPrecision: NEVER_MS });
  for (const name of MISNAMED_GAUGES) registry.removeSingleMetric(name);
  replaceLag(registry);
  replaceLagStatistics(registry);
  return registry;
}

/** prom-client's gauge without the statistics of its monitor, which take half of the time of all process metrics. */
function replaceLag(register: Registry): void {
  register.removeSingleMetric(LAG);
  const gauge = new Gauge({
    name: LAG,
    help: 'Lag of event loop in seconds.',
    registers: [register],
    collect: () => {
      const startedMs = performance.now();
      setImmediate(() => gauge.set((performance.now() - startedMs) / 1000));
    },
  });
}

/** Measures the event loop's delay every two seconds, and reports what exceeds that interval. */
function replaceLagStatistics(register: Registry): void {
  const monitor = monitorEventLoopDelay({ resolution: MONITOR_INTERVAL_MS });
  monitor.enable();
  const intervalNs = MONITOR_INTERVAL_MS * 1e6;
  const delay = (ns: number): number => Math.max(0, ns - intervalNs) / 1e9;
  const gauges = new Map<string, Gauge>();
  const update = (): void => {
    // No measurement since the last scrape: the gauges keep their values.
    if (monitor.count === 0) return;
    gauges.get('min')?.set(delay(monitor.min));
    gauges.get('max')?.set(delay(monitor.max));
    gauges.get('mean')?.set(delay(monitor.mean));
    gauges.get('stddev')?.set(monitor.stddev / 1e9);
    for (const p of [50, 90, 99]) gauges.get(`p${p}`)?.set(delay(monitor.percentile(p)));
    monitor.reset();
  };
  for (const [statistic, help] of Object.entries(LAG_STATISTICS)) {
    const name = `nodejs_eventloop_lag_${statistic}_seconds`;
    register.removeSingleMetric(name);
    const collect = statistic === 'min' ? { collect: update } : {};
    gauges.set(statistic, new Gauge({ name, help, registers: [register], ...collect }));
  }
}
